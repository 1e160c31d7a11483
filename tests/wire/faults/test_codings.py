"""Compressed replies and whole replies in chunks on a raw socket, and read by a client that decodes them."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.kit import JSON, JSONObject
from tests.model.test_codings import READERS
from tests.wire.faults.conftest import Stage
from tests.wire.faults.test_bytes import assert_seen, name

FAULTS: list[list[JSONObject]] = [
    [],
    [{"cut": {"at": "head"}}],
    [{"cut": {"inside": {"event": "text.delta[1]", "byte": 3}}}],
    [{"cut": {"after": "text.delta[1]"}}],
    [{"cut": {"at_byte": "50%"}}],
    [{"cut": {"before": "terminator"}}],
    [{"end": {"inside": {"event": "text.delta[1]", "byte": 3}}}],
    [{"end": {"after": "text.delta[1]"}}],
    [{"reset": {"at_byte": 40}}],
    [{"stall": {"after": "text.delta[*]", "for": "1ms", "then": "end"}}],
    [{"dribble": {"bytes": 5}}],
    [{"omit": "text.delta[*]"}, {"framing": {"newline": "crlf"}}],
    [{"garble": {"headers": {"content-encoding": "identity"}}}],
]


@pytest.mark.parametrize("coding", READERS)
@pytest.mark.parametrize("faults", FAULTS, ids=name)
def test_a_compressed_stream(stage: Stage, faults: list[JSONObject], coding: str) -> None:
    stage.says(*faults, headers={"content-encoding": coding})
    assert_seen(stage, stage.expected(), stage.question())


WHOLE: list[list[JSONObject]] = [
    [],
    [{"cut": {"at_byte": "50%"}}],
    [{"end": {"inside": {"part": "body", "byte": 9}}}],
    [{"garble": {"headers": {"trailer": "x"}}}],
]


@pytest.mark.parametrize("coding", ["", *READERS])
@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("faults", WHOLE, ids=name)
def test_a_whole_reply_in_a_coding_and_a_chunk(
    stage: Stage, faults: list[JSONObject], coding: str, chunked: bool
) -> None:
    before: list[JSONObject] = [{"framing": {"chunked": True}}] if chunked else []
    headers: JSONObject = {"content-encoding": coding} if coding else {}
    stage.says(*before, *faults, headers=headers)
    assert_seen(stage, stage.expected(stream=False), stage.question(stream=False))


def test_a_chunked_reply_that_stalls_is_kept_alive(stage: Stage) -> None:
    keepalive: JSON = {"bytes": " ", "every": "5ms"}
    stage.says({"framing": {"chunked": True}}, {"stall": {"at_byte": 0, "keepalive": keepalive}})
    head = stage.expected(stream=False).wire
    peer = stage.dial()
    peer.send(stage.question(stream=False))
    assert peer.receive(len(head) + 18) == head + b"1\r\n \r\n" * 3
    peer.socket.close()
    assert stage.outcomes() == ["stalled"]


def test_an_old_client_gets_no_chunk(stage: Stage) -> None:
    stage.says({"framing": {"chunked": True}})
    script = stage.expected(stream=False, version="1.0")
    assert b"transfer-encoding" not in script.wire
    peer = stage.dial()
    peer.send(stage.question(stream=False, version="1.0"))
    assert peer.rest() == (script.wire, "fin")


SAID = 'Hé "you" there'


# httpx reads zstd by another library than ours.
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_httpx_decodes_each_event_and_the_whole_reply(stage: Stage, coding: str) -> None:
    asked: dict[str, object] = {"model": "gpt-5.4", "messages": [{"role": "user", "content": "hi"}]}
    key = {"authorization": "Bearer any"}
    url = f"{stage.sandbox.base_url}/chat/completions"
    stage.says(output=[{"text": SAID}], headers={"content-encoding": coding})
    whole = httpx.post(url, json=asked, headers=key)
    assert whole.headers["content-encoding"] == coding
    assert whole.json()["choices"][0]["message"]["content"] == SAID
    with httpx.stream("POST", url, json={**asked, "stream": True}, headers=key) as response:
        data = [line.removeprefix("data: ") for line in response.iter_lines() if line]
    assert data[-1] == "[DONE]"
    said = [json.loads(one)["choices"][0]["delta"].get("content") or "" for one in data[:-1]]
    assert "".join(said) == SAID


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_httpx_has_read_what_arrived_before_a_cut(stage: Stage, coding: str) -> None:
    stage.says({"cut": {"after": "text.delta[0]"}}, output=[{"text": SAID}], headers={"content-encoding": coding})
    asked = {"model": "gpt-5.4", "messages": [{"role": "user", "content": "hi"}], "stream": True}
    url = f"{stage.sandbox.base_url}/chat/completions"
    came: list[bytes] = []
    with httpx.stream("POST", url, json=asked, headers={"authorization": "Bearer any"}) as response:
        pieces = response.iter_bytes()
        with pytest.raises(httpx.RemoteProtocolError):
            came.extend(pieces)
    assert b"".join(came).count(b"data: ") == 2
