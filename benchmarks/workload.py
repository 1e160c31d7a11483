"""What every server is asked, and what it has to answer: 50 stubs, told in each one's own format.

No two requests have the same body: each carries a number of its own and one of many fillers.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

STUBS = 50
LONG = 25
"""The stub whose reply has `WORDS` words: the unpaced streams."""
PACED = 26
"""The stub whose reply takes its time: 47 words, which make 50 events with role, finish, done."""
WORDS = 100
PACED_WORDS = 47
GAP_S = 0.02

# Three letters and a blank: four characters are one chunk for every server compared here.
_SYLLABLES = ("sun", "sky", "sea", "fog", "dew", "hot", "icy", "dry")
_FILLER = random.Random(7)  # noqa: S311  # the same text in every run
_NUMBERS = count()


def _topic(stub: int) -> str:
    return f"topic-{stub:02d}"


def reply_text(stub: int) -> str:
    """What a stub says."""
    length = {LONG: WORDS, PACED: PACED_WORDS}.get(stub, 12)
    words = [_SYLLABLES[(stub + place) % len(_SYLLABLES)] for place in range(length)]
    return " ".join([f"{stub:03d}", *words[1:]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a good answer must hold; `events` counts `data:` lines, 0 for a whole reply."""

    holds: bytes
    events: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """An endless supply of requests, each unlike all before, with what is wanted in return."""

    path: str = "/v1/chat/completions"
    stubs: tuple[int, ...] = tuple(range(LONG))
    stream: bool = False
    events: int = 0
    size: int = 0
    templates: list[tuple[bytes, bytes, Wanted]] = field(default_factory=list)

    def __post_init__(self) -> None:
        # A filler's length differs from request to request, so the token counts differ as well.
        for place in range(251):
            stub = self.stubs[place % len(self.stubs)]
            self.templates.append((*self._halves(stub), self._wanted(stub)))

    def __iter__(self) -> Iterator[tuple[bytes, Wanted]]:
        while True:
            for before, after, wanted in self.templates:
                yield b"%s%09d%s" % (before, next(_NUMBERS), after), wanted

    def _halves(self, stub: int) -> tuple[bytes, bytes]:
        filler = " ".join(_FILLER.choice(_SYLLABLES) for _ in range(_FILLER.randint(5, 30)))
        filler += " x" * (max(0, self.size - len(filler)) // 2)
        text = f"Request number {'0' * 9}: tell me about {_topic(stub)}, please. {filler}"
        body: dict[str, object] = {"model": "gpt-5.4"}
        if self.path.endswith("responses"):
            body |= {"input": text}
        else:
            body |= {"messages": [{"role": "user", "content": text}]}
        if self.stream:
            body |= {"stream": True}
        encoded = json.dumps(body).encode()
        head = (
            f"POST {self.path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer sk-bench\r\n"
            "accept: application/json\r\nuser-agent: bench/1\r\ncontent-type: application/json\r\n"
            f"content-length: {len(encoded)}\r\n\r\n"
        ).encode()
        before, _, after = (head + encoded).partition(b"0" * 9)
        return before, after

    def _wanted(self, stub: int) -> Wanted:
        text = reply_text(stub)
        if not self.stream:
            return Wanted(holds=json.dumps(text).encode())
        return Wanted(holds=f'"{text[:4]}"'.encode(), events=self.events)


def scenario(folder: Path) -> Path:
    """Our own scenario."""
    lines = ["scenario: bench", "stubs:"]
    for stub in range(STUBS):
        lines += [
            f"  - name: {_topic(stub)}",
            "    when:",
            f"      user: {{contains: {_topic(stub)}}}",
            "    reply:",
            f"      output: [{{text: '{reply_text(stub)}'}}]",
        ]
        if stub == PACED:
            lines.append("      pace: {gap: 20ms}")
    return _written(folder / "bench.yaml", "\n".join(lines) + "\n")


def small_scenario(folder: Path) -> Path:
    """One stub, for the row that only starts."""
    (folder / "small").mkdir(exist_ok=True)
    text = f"stubs: [{{reply: '{reply_text(3)}'}}]\n"
    return _written(folder / "small" / "small.yaml", text)


def aimock(folder: Path) -> Path:
    """The fixtures of aimock."""
    fixtures = [
        {
            "match": {"userMessage": _topic(stub)},
            "response": {"content": reply_text(stub)},
            "chunkSize": 4,
            "latency": 20 if stub == PACED else 0,
        }
        for stub in range(STUBS)
    ]
    return _written(folder / "aimock.json", json.dumps({"fixtures": fixtures}))


def mock_llm(folder: Path, *, interval_ms: int) -> Path:
    """The rules of mock-llm, whose pace is one for all of them."""
    rules = [
        {
            "path": "/v1/chat/completions",
            "match": f"contains(body.messages[-1].content, '{_topic(stub)}')",
            "response": {
                "status": 200,
                "content": json.dumps(
                    {
                        "id": "chatcmpl-1",
                        "object": "chat.completion",
                        "model": "gpt-5.4",
                        "choices": [
                            {
                                "index": 0,
                                "message": {"role": "assistant", "content": reply_text(stub)},
                                "finish_reason": "stop",
                            }
                        ],
                    }
                ),
            },
        }
        for stub in range(STUBS)
    ]
    told = {"streaming": {"chunkSize": 4, "chunkIntervalMs": interval_ms}, "rules": rules}
    # JSON is YAML.
    return _written(folder / f"mock-llm-{interval_ms}.yaml", json.dumps(told))


def stubllm(folder: Path) -> Path:
    """The fixtures of stubllm."""
    fixtures = [
        {
            "name": _topic(stub),
            "match": {"messages": [{"role": "user", "content": {"contains": _topic(stub)}}]},
            "response": {
                "content": reply_text(stub),
                "stream_chunk_delay_ms": 20 if stub == PACED else 0,
            },
        }
        for stub in range(STUBS)
    ]
    return _written(folder / "stubllm.json", json.dumps({"fixtures": fixtures}))


def static(folder: Path) -> Path:
    """The reply as files for a web server that only hands out bytes."""
    for path, content in (("whole.json", whole_body(3)), ("stream.txt", b"".join(chat_events()))):
        (folder / path).write_bytes(content)
    return folder


def whole_body(stub: int) -> bytes:
    """A chat completion, as large as a real one."""
    return json.dumps(
        {
            "id": "chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012",
            "object": "chat.completion",
            "created": 1767225600,
            "model": "gpt-5.4",
            "choices": [
                {
                    "index": 0,
                    "message": {
                        "role": "assistant",
                        "content": reply_text(stub),
                        "refusal": None,
                        "annotations": [],
                    },
                    "logprobs": None,
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 30, "completion_tokens": 12, "total_tokens": 42},
            "service_tier": "default",
            "system_fingerprint": None,
        },
        separators=(",", ":"),
    ).encode()


def _chunk(delta: dict[str, object], finish: str | None) -> bytes:
    data = {
        "id": "chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012",
        "object": "chat.completion.chunk",
        "created": 1767225600,
        "model": "gpt-5.4",
        "service_tier": "default",
        "system_fingerprint": None,
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
    }
    return b"data: " + json.dumps(data, separators=(",", ":")).encode() + b"\n\n"


def chat_events() -> list[bytes]:
    """The stream of the long reply, event by event."""
    pieces = reply_text(LONG).split(" ")
    deltas = [f"{piece} " for piece in pieces[:-1]] + pieces[-1:]
    return [
        _chunk({"role": "assistant", "content": "", "refusal": None}, None),
        *(_chunk({"content": delta}, None) for delta in deltas),
        _chunk({}, "stop"),
        b"data: [DONE]\n\n",
    ]


def response_events() -> list[bytes]:
    """About what the Responses stream of the long reply is."""
    pieces = reply_text(LONG).split(" ")
    told = [
        {
            "type": "response.output_text.delta",
            "sequence_number": place,
            "item_id": "msg_" + "0" * 50,
            "output_index": 0,
            "content_index": 0,
            "delta": f"{piece} ",
            "logprobs": [],
        }
        for place, piece in enumerate(pieces)
    ]
    whole = {"id": "resp_" + "0" * 50, "status": "completed", "text": reply_text(LONG) * 3}
    ends: list[dict[str, object]] = [
        {"type": "response.created", "response": whole},
        {"type": "response.in_progress", "response": whole},
    ]
    last: list[dict[str, object]] = [
        {"type": "response.output_text.done", "text": reply_text(LONG)},
        {"type": "response.completed", "response": whole},
    ]
    return [
        f"event: {one['type']}\ndata: {json.dumps(one, separators=(',', ':'))}\n\n".encode()
        for one in (*ends, *told, *last)
    ]


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
