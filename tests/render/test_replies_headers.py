"""The dialect's headers are on every reply, whatever it says."""

from __future__ import annotations

import pytest

from tests.server.sandboxed import CHAT, COMPACT, DIALECTS, KEY, RESPONSES, Played

NAMES = frozenset(name for name, _ in DIALECTS.find("openai").headers)
REPLIES = {
    "a text": "hi",
    "a call": "{output: [{call: f}]}",
    "data": "{json: {}}",
    "an error": "{error: rate_limited}",
    "a page of the edge": "{error: bad_gateway}",
    "a failure": "{output: [{text: hi}, {error: server_error}]}",
    "an exact body": "{body: <html>}",
    "what cannot be quoted": "'{{request.body.nothing}}'",
}


def headers(reply: str, path: str, *, stream: bool = False) -> dict[str, str]:
    return Played(f"stubs: [{{reply: {reply}}}]").ask(path, stream=stream).headers


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_identity_and_rate_limits_are_on_every_reply(reply: str, path: str, stream: bool) -> None:
    assert headers(reply, path, stream=stream).keys() >= NAMES


@pytest.mark.parametrize("reply", ["hi", "{error: rate_limited}"])
def test_they_are_on_compactions(reply: str) -> None:
    assert Played(f"stubs: [{{reply: {reply}}}]").ask(COMPACT).headers.keys() >= NAMES


def test_they_are_on_exact_events() -> None:
    reply = "{events: [{data: {type: error, message: no}}], breaks: [responses.created.first]}"
    played = Played(f"stubs: [{{on: responses, when: {{stream: true}}, reply: {reply}}}]")
    assert played.ask(RESPONSES, stream=True).headers.keys() >= NAMES


def test_they_are_on_replies_without_a_stub() -> None:
    played = Played("stubs: [{when: {user: nobody}, reply: hi}]")
    answers = [
        played.ask(CHAT),
        played.ask(CHAT, headers=()),
        played.ask("/v1/elsewhere"),
        played.post(CHAT, b"{", (KEY,)),
        played.ask(CHAT, temperature="hot"),
    ]
    assert [one.status for one in answers] == [404, 401, 404, 400, 400]
    limits = {name for name in NAMES if name.startswith("x-ratelimit")}
    unknown_caller = {name for name in NAMES if name.startswith("openai")} | limits
    assert [NAMES - one.headers.keys() for one in answers] == [limits, unknown_caller, limits, set(), set()]


def test_two_replies_have_ids_of_their_own_and_the_same_reply_the_same() -> None:
    played = Played("stubs: [{reply: hi}]")
    one, other = (played.ask().headers["x-request-id"] for _ in range(2))
    assert one != other
    played.sandbox.reset()
    assert played.ask().headers["x-request-id"] == one
