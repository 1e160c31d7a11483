"""Connections that break: what the SDK raises, how often it asks, what the journal says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import httpx2
import openai
import pytest
from openai import OpenAI

from tests.clients.python_openai import asking
from tests.clients.python_openai.asking import HELPERS, PATIENCE_S, STREAMS, WAYS, WHOLE, Asking
from tests.kit import SandboxClient

TEXT = "one two three four"


@dataclass(frozen=True, kw_only=True)
class Case:
    """`times` is how often the SDK asks, `outcome` what the journal says of each."""

    fault: dict[str, object]
    cause: type[Exception]
    times: int
    outcome: str


BEFORE_THE_HEAD = {
    "reset": Case(fault={"reset": {"at": "head"}}, cause=httpx2.ReadError, times=3, outcome="reset"),
    "cut": Case(fault={"cut": {"at": "head"}}, cause=httpx2.RemoteProtocolError, times=3, outcome="cut"),
}
# What a whole reply suffers is met while it is fetched, and so retried.
IN_A_WHOLE_BODY = {
    "reset": Case(fault={"reset": {"at_byte": 20}}, cause=httpx2.ReadError, times=3, outcome="reset"),
    "cut": Case(fault={"cut": {"at_byte": 20}}, cause=httpx2.RemoteProtocolError, times=3, outcome="cut"),
    "length": Case(
        fault={"garble": {"content_length": "+20"}}, cause=httpx2.RemoteProtocolError, times=3, outcome="cut"
    ),
}
# Once the stream is in the caller's hands it is not asked for again.
AMID_A_STREAM = {
    "reset": Case(fault={"reset": {"after": "text.delta[1]"}}, cause=httpx2.ReadError, times=1, outcome="reset"),
    "cut": Case(fault={"cut": {"after": "text.delta[1]"}}, cause=httpx2.RemoteProtocolError, times=1, outcome="cut"),
    "chunk size": Case(
        fault={"garble": {"chunk_size": "text.delta[1]"}}, cause=httpx2.RemoteProtocolError, times=1, outcome="complete"
    ),
}


def check(case: Case, way: str, client: OpenAI, sandbox: SandboxClient, says: Callable[..., None]) -> None:
    says(output=[{"text": TEXT}], faults=[case.fault])
    with pytest.raises(openai.APIConnectionError) as raised:
        WAYS[way](client, "hello")
    assert type(raised.value) is openai.APIConnectionError
    assert isinstance(raised.value.__cause__, case.cause)
    assert sandbox.settle(60) == ()
    assert [one.outcome for one in sandbox.requests] == [case.outcome] * case.times


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", BEFORE_THE_HEAD)
def test_before_the_head(
    name: str, way: str, retrying: OpenAI, mockserver: SandboxClient, says: Callable[..., None]
) -> None:
    check(BEFORE_THE_HEAD[name], way, retrying, mockserver, says)


@pytest.mark.parametrize("way", WHOLE)
@pytest.mark.parametrize("name", IN_A_WHOLE_BODY)
def test_in_a_whole_body(
    name: str, way: str, retrying: OpenAI, mockserver: SandboxClient, says: Callable[..., None]
) -> None:
    check(IN_A_WHOLE_BODY[name], way, retrying, mockserver, says)


@pytest.mark.parametrize("way", [*STREAMS, *HELPERS])
@pytest.mark.parametrize("name", AMID_A_STREAM)
def test_amid_a_stream(
    name: str, way: str, retrying: OpenAI, mockserver: SandboxClient, says: Callable[..., None]
) -> None:
    check(AMID_A_STREAM[name], way, retrying, mockserver, says)


STALLS: dict[str, tuple[dict[str, object], str, dict[str, Asking]]] = {
    "before the head": ({"at": "head", "for": "30s"}, "client_left", WAYS),
    "before the head, without end": ({"at": "head"}, "stalled", WAYS),
    "in a whole body": ({"at_byte": 20, "for": "30s"}, "client_left", WHOLE),
    "amid a stream": ({"after": "text.delta[1]", "for": "30s"}, "client_left", STREAMS | HELPERS),
    "amid a stream, without end": ({"after": "text.delta[1]"}, "stalled", STREAMS | HELPERS),
}


@pytest.mark.parametrize(("name", "way"), [(name, way) for name, (_, _, ways) in STALLS.items() for way in ways])
def test_a_stall_ends_by_the_read_time_out(
    name: str, way: str, impatient: OpenAI, mockserver: SandboxClient, says: Callable[..., None]
) -> None:
    place, outcome, ways = STALLS[name]
    says(output=[{"text": TEXT}], faults=[{"stall": place}])
    with pytest.raises(openai.APITimeoutError) as raised:
        ways[way](impatient, "hello")
    assert isinstance(raised.value.__cause__, httpx2.ReadTimeout)
    assert mockserver.settle(60) == ()
    assert [one.outcome for one in mockserver.requests] == [outcome]


def test_a_stall_before_the_head_is_asked_for_again(retrying: OpenAI, mockserver: SandboxClient) -> None:
    stalled = {"output": [{"text": TEXT}], "faults": [{"stall": {"at": "head"}}]}
    mockserver.expect(replies=[stalled, TEXT], times="2..")
    client = retrying.with_options(timeout=PATIENCE_S, max_retries=9)
    assert asking.chat_whole(client, "hello") == TEXT


def test_a_length_too_long_breaks_a_responses_stream_but_not_one_with_done(
    client: OpenAI, says: Callable[..., None]
) -> None:
    says(output=[{"text": TEXT}], faults=[{"garble": {"content_length": "+20"}}])
    # At [DONE] the SDK reads no further.
    assert asking.chat_stream(client, "hello") == TEXT
    with pytest.raises(openai.APIConnectionError):
        asking.responses_stream(client, "hello")


@pytest.mark.parametrize(
    "place",
    [{"after": "text.delta[1]"}, {"inside": {"event": "text.delta[2]", "byte": 30}}],
    ids=["between events", "inside an event"],
)
@pytest.mark.parametrize("way", STREAMS)
def test_a_clean_early_end_is_silent(
    place: dict[str, object], way: str, client: OpenAI, says: Callable[..., None]
) -> None:
    says(output=[{"text": TEXT}], faults=[{"end": place}])
    assert STREAMS[way](client, "hello") == "one two"


@pytest.mark.parametrize("way", WHOLE)
def test_half_a_body_that_ends_properly_is_bad_json(
    way: str, retrying: OpenAI, mockserver: SandboxClient, says: Callable[..., None]
) -> None:
    says(output=[{"text": TEXT}], faults=[{"end": {"at_byte": 20}}])
    with pytest.raises(ValueError, match="Unterminated string"):
        WHOLE[way](retrying, "hello")
    assert len(mockserver.requests) == 1


@pytest.mark.parametrize("body", ["", "<html>maintenance</html>", "{}"])
@pytest.mark.parametrize("way", STREAMS)
def test_a_200_that_is_no_stream_is_an_empty_one(
    body: str, way: str, client: OpenAI, says: Callable[..., None]
) -> None:
    says(body=body)
    assert STREAMS[way](client, "hello") == ""


def test_a_reset_that_clears_is_never_seen_by_the_caller(retrying: OpenAI, mockserver: SandboxClient) -> None:
    broken = {"output": [{"text": TEXT}], "faults": [{"reset": {"at": "head"}}]}
    mockserver.expect(replies=[broken, broken, TEXT], times=3)
    assert asking.responses_whole(retrying, "hello") == TEXT
    mockserver.settle()
    assert [one.outcome for one in mockserver.requests] == ["reset", "reset", "complete"]


def test_raw_bytes_that_are_no_http_are_a_protocol_error(
    retrying: OpenAI, mockserver: SandboxClient, says: Callable[..., None]
) -> None:
    says(raw="SSH-2.0-OpenSSH_9.9\r\n")
    with pytest.raises(openai.APIConnectionError) as raised:
        asking.chat(retrying, "hello")
    assert isinstance(raised.value.__cause__, httpx2.RemoteProtocolError)
    assert len(mockserver.requests) == 3
