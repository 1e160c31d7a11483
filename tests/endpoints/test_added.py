"""Endpoints added from outside the package, used in scenarios through a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver import MockServer, ScenarioError
from tests.kit import (
    ENDPOINTS,
    JSON,
    Answering,
    Call,
    ChatLabeller,
    Conversation,
    Endpoint,
    EndpointSpec,
    ErrorRef,
    JSONObject,
    Message,
    Output,
    RenderContext,
    Route,
    Shape,
    ShapeRenderer,
    ShapeSpec,
    add_endpoint,
    add_shape,
    remove,
)
from tests.server.end_to_end import CHAT, RESPONSES, asking, post, send

EMBEDDINGS = "/v1/embeddings"
MESSAGE = "/v1/threads/{thread}/messages/{message}"


def read_inputs(body: JSONObject) -> Conversation:
    given = body.get("input")
    texts = given if isinstance(given, list) else [given]
    return Conversation(
        tuple(
            Message(role="user", text=text, path=f"input[{index}]")
            for index, text in enumerate(texts)
            if isinstance(text, str)
        )
    )


def vector(output: Output, context: RenderContext) -> JSONObject:
    numbers: list[JSON] = [len(getattr(item, "text", "")) for item in output.items]
    return {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": numbers}],
        "model": context.model,
        "usage": {"prompt_tokens": context.prompt_tokens},
    }


def message(_: Output, context: RenderContext) -> JSONObject:
    return {"object": "thread.message", **context.call.parameters}


def ping(call: Call, answering: Answering) -> JSONObject | ErrorRef:
    host = call.parameters["host"]
    return {"dialect": answering.dialect.name, "pong": host} if host != "b" else ErrorRef(name="rate_limited")


def spec(name: str, path: str, *methods: str, shape: str | None = None) -> EndpointSpec:
    route = Route(path=path, endpoint=Endpoint(name), shape=Shape(shape or name), methods=methods)
    return EndpointSpec(name=Endpoint(name), routes=(route,))


@pytest.fixture(autouse=True)
def endpoints() -> Iterator[None]:
    embeddings = spec("embeddings", EMBEDDINGS, "POST")
    add_endpoint(
        EndpointSpec(
            name=embeddings.name,
            routes=embeddings.routes,
            samples=({"model": "m", "input": ["hello"]},),
            conversation=read_inputs,
        )
    )
    add_shape(
        ShapeSpec(name=Shape("embeddings"), objects=("list",), asks=({},)),
        ShapeRenderer(body=vector, labeller=ChatLabeller),
    )
    add_endpoint(spec("message", MESSAGE, "GET", "DELETE", shape="thread"))
    add_shape(
        ShapeSpec(
            name=Shape("thread"),
            objects=("thread.message",),
            asks=({},),
            envelope={"type": "error", "error": {"type": "$type", "message": "$message"}},
        ),
        ShapeRenderer(body=message, labeller=ChatLabeller),
    )
    answering = spec("ping", "/ping/{+host}", "GET", shape="chat")
    add_endpoint(EndpointSpec(name=answering.name, routes=answering.routes, answer=ping))
    yield
    for name in ("embeddings", "message", "thread", "ping"):
        remove(name)


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


def test_a_stub_answers_on_an_added_endpoint(server: MockServer) -> None:
    server.stub(on="embeddings", when={"user": "two"}, reply="12")
    server.stub(on="embeddings", when={"any_text": {"contains": "ee"}}, reply="1234")
    assert post(server.base_url, "/embeddings", {"model": "e", "input": ["one", "two"]}).json == {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": [2]}],
        "model": "e",
        "usage": {"prompt_tokens": 2},
    }
    three = post(server.base_url, "/embeddings", {"input": "three", "stream": True})
    assert three.json["data"][0]["embedding"] == [4]
    assert [request.endpoint for request in server.requests] == ["embeddings", "embeddings"]
    assert [one.stub for one in server.requests.where(on="embeddings", when={"user": "two"})] == ["stub 1"]


def test_an_added_endpoint_is_distinguished_from_the_others(server: MockServer) -> None:
    server.stub(on="embeddings", reply="12")
    server.stub(on="chat", reply="hi")
    chat = post(server.base_url, "/chat/completions", asking("hello", CHAT))
    assert chat.json["choices"][0]["message"]["content"] == "hi"
    assert post(server.base_url, "/responses", asking("hello", RESPONSES)).status == 404


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_route_takes_other_methods_and_path_parameters(server: MockServer, method: str) -> None:
    server.stub(on="message", reply="any")
    reply = send(server.base_url, method, "/threads/t%201/messages/m-1")
    assert reply.json == {"object": "thread.message", "thread": "t 1", "message": "m-1"}
    [request] = server.requests
    assert (request.endpoint, request.method, request.stub) == ("message", method, "stub 1")


def test_a_path_answers_only_its_methods(server: MockServer) -> None:
    server.stub(on="message", reply="any")
    url = server.base_url
    assert send(url, "PUT", "/threads/t/messages/m").status == 405
    allowed = send(url, "OPTIONS", "/threads/t/messages/m").headers["allow"]
    assert allowed == "GET, DELETE, OPTIONS"
    assert send(url, "GET", "/threads/t/messages/m/n").status == 404


def test_a_request_without_a_stub_is_unmatched_whatever_its_method(server: MockServer) -> None:
    server.stub(on="embeddings", reply="12")
    missed = send(server.base_url, "GET", "/threads/t/messages/m")
    assert missed.status == 404
    assert missed.json["error"]["type"] == "mockserver_unmatched"
    with pytest.raises(AssertionError):
        server.verify()


def test_errors_have_the_envelope_of_the_shape(server: MockServer) -> None:
    server.stub(on="message", reply={"error": "rate_limited"})
    limited = send(server.base_url, "GET", "/threads/t/messages/m")
    assert (limited.status, limited.json["type"]) == (429, "error")
    assert set(limited.error) == {"type", "message"}


def test_an_endpoint_can_reply_without_a_stub(server: MockServer) -> None:
    root = server.base_url.removesuffix("/v1")
    assert send(root, "GET", "/ping/a/b").json == {"dialect": "openai", "pong": "a/b"}
    assert send(root, "GET", "/ping/b").status == 429
    assert list(server.requests) == []


def test_a_dialect_can_have_paths_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "azure.yaml").write_text(
        "dialect: azure\nextends: openai\nroutes:\n"
        "  /openai/deployments/{model}/chat/completions: {endpoint: chat, shape: chat}\n"
    )
    (tmp_path / "one.yaml").write_text("dialect: azure.yaml\nstubs: [{when: {model: deployed}, reply: hi}]\n")
    with MockServer(tmp_path / "one.yaml", contract="off") as server:
        root = server.base_url.removesuffix("/v1")
        path = "/openai/deployments/deployed/chat/completions?api-version=1"
        reply = post(root, path, {"messages": [{"role": "user", "content": "hello"}]})
        assert (reply.status, reply.json["model"]) == (200, "deployed")
        assert post(server.base_url, "/chat/completions", asking("hello", CHAT)).status == 404


def test_a_scenario_may_not_name_what_is_not_registered(server: MockServer) -> None:
    with pytest.raises(ScenarioError, match="chat, responses, compact, embeddings, message"):
        server.stub(on="audio", reply="any")
    with pytest.raises(ScenarioError, match="ping"):
        server.stub(on="ping", reply="any")


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match="'embeddings' is registered already"):
        add_endpoint(ENDPOINTS[Endpoint("embeddings")])


def test_a_removed_endpoint_is_gone() -> None:
    remove("embeddings")
    assert ENDPOINTS.get("embeddings") is None
    assert Endpoint("embeddings") not in ENDPOINTS.scripted
    remove("embeddings")
