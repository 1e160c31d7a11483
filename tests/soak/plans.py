"""What one worker asks in a round: a list of exchanges in a seeded order, each with its outcome.

Rounds of one plan are played again and again, by every worker and in every sandbox: whatever leaves
the server must be the same bytes each time. `TOKEN` stands for text that is a worker's own.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

TOKEN = b"tokentok"
CHAT = "/v1/chat/completions"
RESPONSES = "/v1/responses"
COMPACT = "/v1/responses/compact"


class Way(Enum):
    """What the client does with its connection: goes on with it, reads until it ends, or leaves,
    either in the midst of the reply or before it has read anything."""

    KEEP = 0
    READ = 1
    LEAVE = 2
    DESERT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """`path` lies below the sandbox; `until` is what a client reads before it leaves. `how` is the
    outcome in the journal, more than one where a race decides; `end` how the stream ends;
    `recorded` the body in the journal, where that is another than was sent."""

    name: str
    path: str = CHAT
    method: bytes = b"POST"
    body: bytes = b""
    headers: tuple[bytes, ...] = ()
    way: Way = Way.KEEP
    status: int = 200
    how: tuple[str, ...] = ("complete",)
    end: str = "fin"
    until: bytes = b""
    whole: bool = True
    recorded: bytes | None = None

    def data(self, sandbox: bytes, token: bytes) -> bytes:
        """What is sent; half of the body where it is not `whole`."""
        body = self.body.replace(TOKEN, token)
        lines = [
            b"%b /sandbox/%b%b HTTP/1.1" % (self.method, sandbox, self.path.encode()),
            b"host: soak",
            *self.headers,
        ]
        if self.method == b"POST" and not any(b"chunked" in line for line in lines):
            lines.append(b"content-length: %d" % len(body))
        head = b"\r\n".join((*lines, b"", b""))
        return head + (body if self.whole else body[: len(body) // 2])


KEY = (b"authorization: Bearer any", b"content-type: application/json")
CLOSING = (*KEY, b"connection: close")


def chat(text: str, **members: object) -> bytes:
    return json.dumps({"model": "gpt-5.4", "messages": [{"role": "user", "content": text}], **members}).encode()


def responses(text: str, **members: object) -> bytes:
    return json.dumps({"model": "gpt-5.4", "input": text, **members}).encode()


def chunked(body: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in (body[:20], body[20:], b""))


def _good() -> Iterator[Ask]:
    """Replies that are as they should be, on connections that live on."""
    for stream in (False, True):
        for text in ("hello", "long", "tool", f"say {TOKEN.decode()}", "bare", "nobody"):
            status = 404 if text == "nobody" else 200
            yield Ask(name=text, body=chat(text, stream=stream), headers=KEY, status=status)
            yield Ask(name=text, path=RESPONSES, body=responses(text, stream=stream), headers=KEY, status=status)
    for text in ("reasoned", "failed"):
        body = responses(text, stream=True)
        yield Ask(name=text, path=RESPONSES, body=body, headers=KEY)
    yield Ask(name="filtered", body=chat("filtered"), headers=KEY)
    yield Ask(name="compact", path=COMPACT, body=responses("hello"), headers=KEY)
    expected = [
        {"role": "user", "content": "tool"},
        {"role": "assistant", "tool_calls": [_call()]},
        {"role": "tool", "tool_call_id": "call_1", "content": "18"},
    ]
    body = json.dumps({"model": "gpt-5.4", "messages": expected}).encode()
    yield Ask(name="told", body=body, headers=KEY)
    packed = gzip.compress(chat("hello"), mtime=0)
    yield Ask(name="packed", body=packed, headers=(*KEY, b"content-encoding: gzip"))
    sent = (*KEY, b"transfer-encoding: chunked")
    hello = chat("hello")
    yield Ask(name="chunked", body=chunked(hello), headers=sent, recorded=hello)
    for text in ("delayed", "dribbled", "throttled", "omitted", "repeated", "swapped", "paced"):
        yield Ask(name=text, body=chat(text, stream=True), headers=KEY)
        yield Ask(name=text, path=RESPONSES, body=responses(text, stream=True), headers=KEY)
    for text in ("garbled", "no utf-8", "reframed", "ended"):
        yield Ask(name=text, body=chat(text, stream=True), headers=KEY)


def _call() -> dict[str, object]:
    return {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}


def _refused() -> Iterator[Ask]:
    yield Ask(name="no key", body=chat("hello"), status=401)
    yield Ask(name="no model", body=b'{"messages":[]}', headers=KEY, status=400)
    yield Ask(name="no JSON", body=b"{", headers=KEY, status=400)
    yield Ask(name="no role", body=b'{"model":"m","messages":[{}]}', headers=KEY, status=400)
    yield Ask(name="no route", path="/v1/nowhere", body=b"{}", headers=KEY, status=404)
    yield Ask(name="models", path="/v1/models", method=b"GET", headers=KEY)
    yield Ask(name="options", path=CHAT, method=b"OPTIONS", headers=KEY, status=204)
    yield Ask(name="no method", path=CHAT, method=b"GET", headers=KEY, status=405)


def _broken() -> Iterator[Ask]:
    """Replies behind which the connection ends."""
    for text, *how in (
        ("cut", "cut"),
        ("cut at once", "cut"),
        ("reset", "reset"),
        ("by chance", "cut", "complete"),
        ("stalled a while", "cut"),
        ("no chunk", "complete"),
        ("wrong length", "cut"),
        ("lingering", "complete"),
        ("hello", "complete"),
    ):
        yield Ask(
            name=text,
            body=chat(text, stream=True),
            headers=CLOSING,
            way=Way.READ,
            how=tuple(how),
            end="rst" if text == "reset" else "fin",
            status=0 if text == "cut at once" else 200,
        )


def _left() -> Iterator[Ask]:
    """Replies whose client leaves when it has read so far."""
    for path, body in ((CHAT, chat), (RESPONSES, responses)):
        for text, how in (("endless", "client_left"), ("stalled", "stalled")):
            yield Ask(
                name=text,
                path=path,
                body=body(text, stream=True),
                headers=KEY,
                way=Way.LEAVE,
                how=(how,),
                until=b"\r\n\r\n",
            )


def _deserted() -> Iterator[Ask]:
    """Requests whose client does not wait for anything."""
    body = chat("long", stream=True)
    either = ("complete", "client_left")
    yield Ask(name="gone", body=body, headers=KEY, way=Way.DESERT, how=either)
    yield Ask(
        name="half", body=body, headers=KEY, way=Way.DESERT, how=("client_left",), status=0, whole=False, recorded=b""
    )


def plan(seed: int) -> tuple[Ask, ...]:
    """The exchanges of one round. Those whose arrival nobody sees come last."""
    chance = random.Random(seed)  # an order, no secret
    asked = [*_good(), *_good(), *_refused(), *_broken(), *_left()]
    asked += [Ask(name="retried", body=chat("retried"), headers=KEY, status=0)] * 6
    chance.shuffle(asked)
    return (*_in_turn(asked), *_deserted())


def _in_turn(asked: list[Ask]) -> Iterator[Ask]:
    """Replies of a sequence have their status by their turn."""
    turn = 0
    for ask in asked:
        if ask.name == "retried":
            status = (429, 500, 200)[turn % 3]
            turn += 1
            yield Ask(name=ask.name, body=ask.body, headers=ask.headers, status=status)
        else:
            yield ask
