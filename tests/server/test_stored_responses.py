"""Responses that the API stored: retrieved, streamed again, listed, cancelled, deleted."""

from __future__ import annotations

import http.client
import json
import re
from typing import Any

import openai
import pytest

from mockserver import MockServer
from tests.server.end_to_end import dial, post, request_bytes, send, until

STUB: dict[str, Any] = {"on": "responses", "when": {"user": "hello"}, "reply": "Hi there"}


@pytest.fixture
def server() -> Any:
    with MockServer() as started:
        started.stub(**STUB)
        started.stub(on="responses", when={"user": "tool"}, reply={"output": [{"call": "f", "arguments": {}}]})
        started.stub(on="responses", when={"tool_result": {"of": "f"}}, reply="Done")
        yield started


def create(server: Any, text: str = "hello", **members: Any) -> Any:
    found = post(server.base_url, "/responses", {"model": "gpt-5.4", "input": text} | members)
    assert found.status == 200
    return found


def events(answer: Any) -> list[Any]:
    return [json.loads(one) for one in answer.events]


def error(answer: Any) -> tuple[Any, ...]:
    found = answer.json["error"]
    return (answer.status, found["message"], found["type"], found["param"], found["code"])


def test_a_response_is_retrieved_as_it_was_sent(server: Any) -> None:
    made = create(server).json
    found = send(server.base_url, "GET", f"/responses/{made['id']}")
    assert (found.status, found.json) == (200, made)
    assert found.headers["content-type"] == "application/json"


def test_a_streamed_response_is_retrieved_as_if_it_were_not(server: Any) -> None:
    made = create(server, stream=True)
    ended = events(made)[-1]["response"]
    found = send(server.base_url, "GET", f"/responses/{ended['id']}?stream=false").json
    assert found == ended | {"billing": {"payer": "developer"}}


def test_what_is_unknown_deleted_or_not_stored_is_not_found(server: Any) -> None:
    hidden = create(server, store=False).json["id"]
    gone = create(server).json["id"]
    deleted = send(server.base_url, "DELETE", f"/responses/{gone}")
    assert deleted.json == {"id": gone, "object": "response.deleted", "deleted": True}
    for name in (hidden, gone, "resp_unknown"):
        for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("GET", "/input_items")):
            expected = (404, f"Response with id '{name}' not found.", "invalid_request_error", None, None)
            assert error(send(server.base_url, method, f"/responses/{name}{path}")) == expected


def test_an_id_of_another_kind_is_refused(server: Any) -> None:
    message = "Invalid 'response_id': 'msg_1'. Expected an ID that begins with 'resp'."
    expected = (400, message, "invalid_request_error", "response_id", "invalid_value")
    assert error(send(server.base_url, "GET", "/responses/msg_1")) == expected


def test_sandboxes_store_for_themselves(server: Any) -> None:
    made = create(server).json["id"]
    other = server.another("other")
    assert send(other.base_url, "GET", f"/responses/{made}").status == 404


def test_a_reset_forgets_everything(server: Any) -> None:
    made = create(server).json["id"]
    server.reset()
    assert send(server.base_url, "GET", f"/responses/{made}").status == 404


def test_the_rest_of_a_stream_in_the_background_is_the_same(server: Any) -> None:
    made = create(server, background=True, stream=True)
    name = events(made)[0]["response"]["id"]
    for after in (None, -1, 0, 3, len(events(made)) - 1, 1000):
        query = "" if after is None else f"&starting_after={after}"
        again = send(server.base_url, "GET", f"/responses/{name}?stream=true{query}")
        assert again.status == 200
        assert again.body == rest(made.body, -1 if after is None else after)
    plain = send(server.base_url, "GET", f"/responses/{name}?stream=true&include_obfuscation=false")
    assert events(plain) == [{k: v for k, v in one.items() if k != "obfuscation"} for one in events(made)]
    wrong = send(server.base_url, "GET", f"/responses/{name}?stream=true&starting_after=x")
    assert error(wrong)[3:] == ("starting_after", "invalid_type")


def rest(body: bytes, after: int) -> bytes:
    blocks = [block + b"\n\n" for block in body.split(b"\n\n") if block]
    return b"".join(blocks[max(after + 1, 0) :])


@pytest.mark.parametrize(
    ("members", "asked"), [({}, "background"), ({"stream": True}, "background"), ({"background": True}, "stream")]
)
def test_other_responses_are_not_streamed_again(server: Any, members: dict[str, Any], asked: str) -> None:
    made = create(server, **members)
    name = events(made)[0]["response"]["id"] if "stream" in members else made.json["id"]
    message = f"This response cannot be streamed because it was not created with {asked}=true."
    expected = (400, message, "invalid_request_error", None, None)
    assert error(send(server.base_url, "GET", f"/responses/{name}?stream=true")) == expected


def test_only_work_in_the_background_is_cancelled(server: Any) -> None:
    ordinary = create(server).json["id"]
    expected = (400, "Cannot cancel a synchronous response.", "invalid_request_error", None, None)
    assert error(send(server.base_url, "POST", f"/responses/{ordinary}/cancel")) == expected
    polled = create(server, background=True).json
    assert send(server.base_url, "POST", f"/responses/{polled['id']}/cancel").json == polled
    streamed = events(create(server, background=True, stream=True))[0]["response"]["id"]
    expected = (400, "Cannot cancel a completed response.", "invalid_request_error", None, None)
    assert error(send(server.base_url, "POST", f"/responses/{streamed}/cancel")) == expected


def test_input_items_are_listed_newest_first_in_pages(server: Any) -> None:
    said = [{"role": "user", "content": f"hello {n}"} for n in range(4)] + [{"role": "user", "content": "hello"}]
    made = post(server.base_url, "/responses", {"model": "gpt-5.4", "input": said}).json["id"]
    path = f"/responses/{made}/input_items"
    whole = send(server.base_url, "GET", path).json
    assert [*whole] == ["object", "data", "first_id", "has_more", "last_id"]
    assert [one["content"][0]["text"] for one in whole["data"]] == ["hello", "hello 3", "hello 2", "hello 1", "hello 0"]
    assert [*whole["data"][0]] == ["id", "type", "status", "content", "role"]
    ids = [one["id"] for one in whole["data"]]
    assert len({*ids}) == 5
    assert (whole["first_id"], whole["last_id"], whole["has_more"]) == (ids[0], ids[-1], False)
    one = send(server.base_url, "GET", f"{path}?limit=2&order=asc&after={ids[-1]}").json
    assert [item["id"] for item in one["data"]] == [ids[3], ids[2]]
    assert one["has_more"] is True
    empty = send(server.base_url, "GET", f"{path}?after={ids[-1]}").json
    assert empty == {"object": "list", "data": [], "first_id": None, "has_more": False, "last_id": None}


@pytest.mark.parametrize(
    ("query", "message", "param", "code"),
    [
        (
            "limit=1000",
            "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 1000 instead.",
            "limit",
            "integer_above_max_value",
        ),
        (
            "limit=0",
            "Invalid 'limit': integer below minimum value. Expected a value >= 1, but got 0 instead.",
            "limit",
            "integer_below_min_value",
        ),
        (
            "limit=x",
            "Invalid type for 'limit': expected an integer, but got a string instead.",
            "limit",
            "invalid_type",
        ),
        ("order=up", "Invalid value: 'up'. Supported values are: 'asc' and 'desc'.", "order", "invalid_value"),
        ("after=x", "Invalid 'after': no item with id 'x' in this list.", "after", "invalid_value"),
    ],
)
def test_wrong_queries_of_lists_are_refused(server: Any, query: str, message: str, param: str, code: str) -> None:
    made = create(server).json["id"]
    answer = send(server.base_url, "GET", f"/responses/{made}/input_items?{query}")
    assert error(answer) == (400, message, "invalid_request_error", param, code)


def test_images_are_listed_on_demand_and_files_without_their_data(server: Any) -> None:
    image = {"type": "input_image", "detail": "auto", "image_url": "https://example.com/a.png"}
    file = {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}
    text = {"type": "input_text", "text": "hello"}
    given = [{"role": "user", "content": [image, file, text]}]
    made = post(server.base_url, "/responses", {"model": "gpt-5.4", "input": given}).json["id"]
    path = f"/responses/{made}/input_items"
    shown = send(server.base_url, "GET", path).json["data"][0]["content"]
    assert shown == [image | {"image_url": None}, {"type": "input_file", "filename": "a.pdf"}, text]
    query = "?include[]=message.input_image.image_url"
    assert send(server.base_url, "GET", path + query).json["data"][0]["content"][0] == image


def test_input_tokens_are_counted(server: Any) -> None:
    counted = post(server.base_url, "/responses/input_tokens", {"model": "gpt-5.4", "input": "hello"})
    assert counted.json == {"object": "response.input_tokens", "input_tokens": 2}
    made = create(server).json["id"]
    body = {"model": "gpt-5.4", "input": "hello", "previous_response_id": made}
    assert post(server.base_url, "/responses/input_tokens", body).json["input_tokens"] > 2
    unknown = post(server.base_url, "/responses/input_tokens", body | {"previous_response_id": "resp_x"})
    expected = "Previous response with id 'resp_x' not found."
    code = "previous_response_not_found"
    assert error(unknown) == (400, expected, "invalid_request_error", "previous_response_id", code)
    assert post(server.base_url, "/responses/input_tokens", b"{").status == 400


def test_a_reply_that_is_cut_off_is_not_stored(server: Any) -> None:
    reply = {"output": [{"text": "Hi"}], "faults": [{"cut": {"inside": {"event": "text.delta[0]", "byte": 3}}}]}
    server.stub(on="responses", when={"user": "cut"}, reply=reply)
    with pytest.raises(http.client.IncompleteRead) as cut:
        create(server, "cut", stream=True)
    name = re.search(rb'"id":"(resp_[0-9a-f]+)"', cut.value.partial)
    assert name is not None
    assert send(server.base_url, "GET", f"/responses/{name[1].decode()}").status == 404


def test_bodies_that_are_written_out_are_stored_under_their_ids(server: Any) -> None:
    body = create(server).json | {"id": "resp_mine"}
    server.stub(on="responses", when={"user": "exact"}, reply={"body": body})
    create(server, "exact")
    assert send(server.base_url, "GET", "/responses/resp_mine").json == body


def test_a_key_is_needed(server: Any) -> None:
    made = create(server).json["id"]
    assert send(server.base_url, "GET", f"/responses/{made}", headers={}).status == 401


def test_without_state_the_routes_are_not_there() -> None:
    with MockServer(state="off") as server:
        server.stub(**STUB)
        made = create(server).json["id"]
        assert send(server.base_url, "GET", f"/responses/{made}").status == 404
        assert "Invalid URL" in send(server.base_url, "GET", f"/responses/{made}").json["error"]["message"]


def test_gateways_have_no_stored_responses() -> None:
    with MockServer() as server:
        server.load("dialect: visioncoder\nstubs: [{name: a, on: responses, reply: Hi}]\n")
        made = create(server).json["id"]
        assert "Invalid URL" in send(server.base_url, "GET", f"/responses/{made}").json["error"]["message"]


def test_the_sdk_retrieves_cancels_lists_and_deletes(server: Any) -> None:
    client = openai.OpenAI(base_url=server.base_url, api_key="sk-test", max_retries=0)
    made = client.responses.create(model="gpt-5.4", input="hello")
    assert client.responses.retrieve(made.id) == made
    [item] = client.responses.input_items.list(made.id)
    assert item.type == "message"
    assert client.responses.input_tokens.count(model="gpt-5.4", input="hello").input_tokens == 2
    background = client.responses.create(model="gpt-5.4", input="hello", background=True)
    assert client.responses.cancel(background.id).id == background.id
    client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError, match="not found"):
        client.responses.retrieve(made.id)


def test_work_that_goes_on_is_cancelled_once(server: Any) -> None:
    reply = {"output": [{"text": "a b c"}], "pace": {"gap": "9m"}}
    server.stub(on="responses", when={"user": "slow"}, reply=reply)
    body = {"model": "gpt-5.4", "input": "slow", "background": True, "stream": True}
    with dial(server.url) as line:
        line.sendall(request_bytes("/v1/responses", body, "content-type: application/json"))
        found = re.search(rb'"id":"(resp_[0-9a-f]+)"', until(line, b'"object":"response"'))
        assert found is not None
        path = f"/responses/{found[1].decode()}"
        cancelled = [send(server.base_url, "POST", f"{path}/cancel").json for _ in range(2)]
        assert [one["status"] for one in cancelled] == ["cancelled", "cancelled"]
