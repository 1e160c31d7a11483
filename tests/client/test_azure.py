"""The dialect `azure`, as the official client for it sees it and on the wire."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from openai import AzureOpenAI, BadRequestError, NotFoundError, RateLimitError

from tests.kit import Headers, MockServer, SandboxClient
from tests.server.sandboxed import Played

SCENARIO = {
    "scenario": "azure",
    "dialect": "azure",
    "stubs": [
        {"name": "filtered", "when": {"user": "filtered"}, "reply": {"error": "content_filter"}},
        {"name": "limited", "when": {"user": "limited"}, "reply": {"error": "rate_limited"}},
        {
            "name": "no deployment",
            "on": "chat",
            "when": {"path": {"model": {"not": "gpt-4o"}}},
            "reply": {"error": "model_not_found"},
        },
        {
            "name": "versions",
            "on": "chat",
            "when": {"query": {"api-version": {"matches": "^2024-"}}, "path": {"model": "gpt-4o"}},
            "reply": "The tide of {{request.path.model}} is high.",
        },
        {"name": "responses", "on": "responses", "reply": "The tide is low."},
        {
            "name": "embeddings",
            "on": {"path": "/openai/deployments/{deployment}/embeddings", "method": "POST"},
            "reply": {"body": {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}],
                      "model": "{{request.path.deployment}}", "usage": {"prompt_tokens": 1, "total_tokens": 1}}},
        },
    ],
}  # fmt: skip


@pytest.fixture
def sandbox(server: MockServer) -> Iterator[SandboxClient]:
    made = server.server.create()
    made.load(SCENARIO)
    yield made
    server.server.drop(made)


@pytest.fixture
def client(sandbox: SandboxClient) -> Iterator[AzureOpenAI]:
    endpoint = sandbox.base_url.removesuffix("/v1")
    with AzureOpenAI(azure_endpoint=endpoint, api_key="any", api_version="2024-10-21", max_retries=0) as made:
        yield made


def asks(client: AzureOpenAI, text: str, model: str = "gpt-4o") -> str | None:
    reply = client.chat.completions.create(model=model, messages=[{"role": "user", "content": text}])
    return reply.choices[0].message.content


def test_the_client_is_answered_by_deployment(client: AzureOpenAI, sandbox: SandboxClient) -> None:
    assert asks(client, "hi") == "The tide of gpt-4o is high."
    assert client.responses.create(model="gpt-4o", input="hi").output_text == "The tide is low."
    embeddings = client.embeddings.create(model="embed", input="hi", encoding_format="float")
    assert (embeddings.data[0].embedding, embeddings.model) == ([0.5], "embed")
    assert [one.id for one in client.models.list()][:1] == ["gpt-5.4"]
    paths = [(one.path, one.document["parameters"]) for one in sandbox.requests]
    assert paths[0] == ("/openai/deployments/gpt-4o/chat/completions", {"model": "gpt-4o"})
    sandbox.assert_called(stub="versions", when={"path": {"model": "gpt-4o"}})
    sandbox.verify()


def test_a_stream_begins_with_the_results_of_the_prompt(client: AzureOpenAI) -> None:
    chunks = list(
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}], stream=True)
    )
    first, role, text, *_, last = chunks
    assert (first.choices, first.id, first.object) == ([], "", "")
    assert first.model_extra is not None
    assert first.model_extra["prompt_filter_results"][0]["content_filter_results"]["jailbreak"] == {
        "detected": False,
        "filtered": False,
    }
    extras = [one.choices[0].model_extra or {} for one in (role, text, last)]
    assert [bool(one["content_filter_results"]) for one in extras] == [False, True, False]


@pytest.mark.parametrize(
    ("text", "model", "error", "code"),
    [
        ("filtered", "gpt-4o", BadRequestError, "content_filter"),
        ("limited", "gpt-4o", RateLimitError, "429"),
        ("hi", "other", NotFoundError, "DeploymentNotFound"),
    ],
)
def test_errors_have_the_shapes_of_the_api(
    client: AzureOpenAI, text: str, model: str, error: type[BadRequestError], code: str
) -> None:
    with pytest.raises(error) as caught:
        asks(client, text, model)
    assert caught.value.code == code
    body = caught.value.body
    assert isinstance(body, dict)
    if code == "content_filter":
        assert (body["status"], body["innererror"]["code"]) == (400, "ResponsibleAIPolicyViolation")
    else:
        assert body.keys() == {"code", "message"}


@pytest.mark.parametrize("headers", [(), (("x-api-key", "any"),), (("api-key", ""),)])
def test_a_call_without_the_key_is_refused_by_the_gateway(headers: Headers) -> None:
    refused = Played(json.dumps(SCENARIO)).post("/openai/deployments/m/chat/completions", b"{}", headers)
    assert (refused.status, refused.headers["content-length"]) == (401, "224")
    assert (list(refused.json["error"]), refused.json["error"]["code"]) == (["code", "message"], "401")


def test_replies_keep_the_contract_and_members_are_sorted() -> None:
    played = Played(json.dumps(SCENARIO))
    path = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
    body = {"messages": [{"role": "user", "content": "hi"}]}
    whole = played.post(path, json.dumps(body).encode(), (("api-key", "any"),))
    assert list(whole.json) == sorted(whole.json)
    assert list(whole.json["choices"][0]) == sorted(whole.json["choices"][0])
    streamed = played.post(path, json.dumps(body | {"stream": True}).encode(), (("api-key", "any"),))
    assert [list(one) for one in streamed.events[1:-1]] == [sorted(one) for one in streamed.events[1:-1]]
    assert whole.entry.findings == streamed.entry.findings == ()
    assert (whole.json["model"], streamed.events[1]["model"]) == ("gpt-4o", "gpt-4o")
