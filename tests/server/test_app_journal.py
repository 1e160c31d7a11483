"""What the journal keeps of an exchange, and how each is said to have ended."""

from __future__ import annotations

import socket
import struct
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.kit import SandboxClient
from tests.server.end_to_end import CHAT, NET_S, asking, dial, post, request_bytes, rest, until


def path_of(sandbox: SandboxClient, path: str = CHAT) -> str:
    return f"/sandbox/{sandbox.name}{path}"


def test_a_request_is_kept_byte_for_byte(mockserver: SandboxClient) -> None:
    mockserver.stub(reply="hi")
    message = '{"role":"user","content":"Grüße\\u00e9"}'
    body = f'{{ "model":"m",\r\n "messages" : [{message}]}}'.encode()
    head = (
        f"POST {path_of(mockserver)}?b=2&a=1&b=%20x HTTP/1.1\r\n"
        "Host: example.org\r\n"
        "X-Twice: one\r\n"
        "Authorization: Bearer any\r\n"
        "x-twice:  two  \r\n"
        "CONTENT-TYPE: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with dial(mockserver.url) as line:
        line.sendall(head.encode() + body)
        until(line, b'"hi"')
    mockserver.settle()
    asked = mockserver.last
    assert asked.body == body
    assert asked.json["messages"][0]["content"] == "Grüßeé"
    assert asked.headers.pairs == (
        ("Host", "example.org"),
        ("X-Twice", "one"),
        ("Authorization", "Bearer any"),
        ("x-twice", "two"),
        ("CONTENT-TYPE", "application/json"),
        ("Content-Length", str(len(body))),
    )
    assert asked.headers.all("X-TWICE") == ("one", "two")
    assert asked.query == (("b", "2"), ("a", "1"), ("b", " x"))
    assert (asked.method, asked.path) == ("POST", CHAT)


@pytest.mark.mockserver(allow=["findings"])
def test_bytes_that_are_no_text_are_kept_too(mockserver: SandboxClient) -> None:
    body = bytes(range(256))
    assert post(mockserver.url, body=body).status == 400
    assert (mockserver.last.body, mockserver.last.json) == (body, None)


@pytest.mark.parametrize(
    ("stall", "outcome"),
    [({"after": 1}, "stalled"), ({"after": 1, "for": "60s"}, "client_left")],
    ids=["without end", "with an end"],
)
@pytest.mark.parametrize("leave", ["fin", "rst"])
def test_a_client_that_disconnects_ends_a_stall(
    stall: dict[str, object], outcome: str, leave: str, mockserver: SandboxClient
) -> None:
    mockserver.stub(reply={"output": [{"text": "one two"}], "faults": [{"stall": stall}]})
    with dial(mockserver.url) as line:
        line.sendall(request_bytes(path_of(mockserver), asking(stream=True)))
        until(line, b"\n\n")
        [open_entry] = mockserver.requests
        assert open_entry.outcome is None
        if leave == "rst":
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert mockserver.settle(NET_S) == ()
    assert mockserver.last.outcome == outcome


def test_an_exchange_in_flight_is_open_in_the_journal(mockserver: SandboxClient) -> None:
    mockserver.stub(reply={"output": [{"text": "one"}], "faults": [{"stall": {"at": "head"}}]})
    with dial(mockserver.url) as line:
        line.sendall(request_bytes(path_of(mockserver)))
        mockserver.wait_for(1, timeout=NET_S)
        assert mockserver.last.outcome is None
        assert "in flight" in mockserver.last.report
        assert mockserver.settle(0) == (1,)
    assert mockserver.settle(NET_S) == ()


@pytest.mark.mockserver(allow=["findings"])
def test_a_body_that_never_came_to_its_end_is_noted(mockserver: SandboxClient) -> None:
    with dial(mockserver.url) as line:
        whole = request_bytes(path_of(mockserver))
        line.sendall(whole[:-5])
        line.shutdown(socket.SHUT_WR)
        assert rest(line) == b""
    mockserver.settle(NET_S)
    [asked] = mockserver.journal
    assert (asked.document["kind"], asked.status, asked.outcome) == ("garbage", 0, "client_left")
    assert len(mockserver.requests) == 0


# --- many at once ---


def test_callers_at_once_are_numbered_as_they_arrive_and_share_a_sequence(mockserver: SandboxClient) -> None:
    callers, calls = 16, 10
    total = callers * calls
    mockserver.expect(replies=[{"output": [{"text": f"<{n}>"}]} for n in range(total)], times=total, then="miss")

    def call(caller: int) -> list[str]:
        said = []
        for nth in range(calls):
            answer = post(mockserver.url, body=asking(f"{caller}/{nth}"), stream=False)
            said.append(str(answer.json["choices"][0]["message"]["content"]))
        return said

    with ThreadPoolExecutor(callers) as pool:
        found = list(pool.map(call, range(callers)))
    # Each reply went out once, and to each caller in rising order.
    numbers = [[int(one.strip("<>")) for one in said] for said in found]
    assert sorted(number for said in numbers for number in said) == [*range(total)]
    assert all(said == sorted(said) for said in numbers)
    requests = mockserver.requests
    assert [one.number for one in requests] == [*range(1, total + 1)]
    asked = {one.user: one.document["match"]["call"] for one in requests}  # type: ignore[index,call-overload]
    for caller, said in enumerate(numbers):
        assert [asked[f"{caller}/{nth}"] for nth in range(calls)] == [one + 1 for one in said]
