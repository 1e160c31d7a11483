"""The requests of the benchmark and the stubs that match them, in each server's own format.

Each of 50 stubs has a topic, and a kind says by what a request names the topic: its model, its user
message, a header. No two requests have the same body: each has a number and one of many fillers.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

STUBS = 50
LONG = 25
"""The stub whose reply has `WORDS` words: the streams without delays."""
PACED = 26
"""The stub whose reply is paced: 47 words, which make 50 events with role, finish and done."""
WORDS = 100
PACED_WORDS = 47
GAP_S = 0.02
DRAWN = 27
"""The stub whose reply is paced by a delay drawn for each event, as latency profiles are, though all are alike."""
_PACES: Mapping[int, Mapping[str, object]] = {
    PACED: {"gap": "20ms"},
    DRAWN: {"gap": {"normal": {"mean": "20ms", "deviation": "0ms"}}},
}

INDEXED = ("model", "user contains", "user equals", "system", "tool", "header", "tool_result", "body")
"""The ways of telling 50 stubs apart that have a bar."""
EVALUATED = ("user matches", "user not", "body includes", "schema")
"""The ways that no index can look up."""

# Three letters and a blank: four characters are one chunk for every server compared.
_SYLLABLES = ("sun", "sky", "sea", "fog", "dew", "hot", "icy", "dry")
_FILLER = random.Random(7)  # noqa: S311  # the same text in every run
_NUMBERS = count()
_PLACEHOLDER = b"0" * 9


def topic(stub: int) -> str:
    """The topic by which requests select a stub."""
    return f"topic-{stub:02d}"


def reply_text(stub: int) -> str:
    """The text of a stub's reply."""
    length = {LONG: WORDS, PACED: PACED_WORDS, DRAWN: PACED_WORDS}.get(stub, 12)
    words = [_SYLLABLES[(stub + place) % len(_SYLLABLES)] for place in range(length)]
    return " ".join([f"{stub:03d}", *words[1:]])


def condition(kind: str, name: str) -> dict[str, object]:
    """The condition of a stub under `when`, for a topic."""
    conditions: dict[str, dict[str, object]] = {
        "model": {"model": {"equals": name}},
        "user contains": {"user": {"contains": name}},
        "user equals": {"user": {"equals": f"Tell me about {name}, please."}},
        "system": {"system": {"contains": name}},
        "tool": {"tool": {"equals": name}},
        "header": {"header": {"x-topic": {"equals": name}}},
        "tool_result": {"tool_result": {"of": {"equals": name}}},
        "body": {"body": {"safety_identifier": name}},
        "user matches": {"user": {"matches": f"about {name}\\b"}},
        "user not": {"user": {"not": {"not": {"contains": name}}}},
        "body includes": {"body": {"messages": {"includes": {"content": {"contains": name}}}}},
        "schema": {"schema": {"properties": {"safety_identifier": {"const": name}}}},
    }
    return conditions[kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a correct answer contains; `events` counts `data:` lines, 0 for a whole reply."""

    content: bytes
    events: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Requests:
    """An endless supply of requests, no two alike, with what their answers must contain.

    Without a `kind` a request is one user message, otherwise it also has instructions and offers a
    tool. `turns` is how many earlier turns the conversation has, `size` the characters of its text.
    """

    kind: str = ""
    path: str = "/v1/chat/completions"
    stubs: tuple[int, ...] = tuple(range(LONG))
    stream: bool = False
    events: int = 0
    size: int = 0
    turns: int = 0
    templates: list[tuple[bytes, bytes, Expected]] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Fillers differ in length, so that token counts differ as well.
        for place in range(251):
            stub = self.stubs[place % len(self.stubs)]
            before, after = self._halves(stub)
            self.templates.append((before, after, self._expected(stub)))

    def __iter__(self) -> Iterator[tuple[bytes, Expected]]:
        while True:
            for before, after, expected in self.templates:
                yield b"%s%09d%s" % (before, next(_NUMBERS), after), expected

    def _halves(self, stub: int) -> tuple[bytes, bytes]:
        headers = f"x-topic: {topic(stub)}\r\n" if self.kind == "header" else ""
        encoded = json.dumps(self._body(stub)).encode()
        head = (
            f"POST {self.path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer sk-bench\r\n"
            f"accept: application/json\r\nuser-agent: bench/1\r\n{headers}"
            f"content-type: application/json\r\ncontent-length: {len(encoded)}\r\n\r\n"
        ).encode()
        before, _, after = (head + encoded).partition(_PLACEHOLDER)
        return before, after

    def _body(self, stub: int) -> dict[str, object]:
        filler = " ".join(_FILLER.choice(_SYLLABLES) for _ in range(_FILLER.randint(5, 30)))
        filler += " x" * (max(0, self.size - len(filler)) // 2)
        filler = f"Request {_PLACEHOLDER.decode()}: {filler}"
        name, kind = topic(stub), self.kind
        # aimock is asked by its own `userMessage` in every row.
        text = f"Tell me about {name}, please."
        body: dict[str, object] = {"model": name if kind == "model" else "gpt-5.4"}
        if self.stream:
            body["stream"] = True
        if self.path.endswith("responses"):
            return body | {"input": f"{text} {filler}"}
        if not kind:
            return body | {"messages": [{"role": "user", "content": f"{text} {filler}"}]}
        system = "Answer in a few words."
        if kind == "user equals":
            system += f" {filler}"
        else:
            text += f" {filler}"
        if kind == "system":
            system += f" You know about {name}."
        earlier: list[dict[str, object]] = [
            {"role": role, "content": f"{role} {turn}: {filler[20:]}"}
            for turn in range(self.turns)
            for role in ("user", "assistant")
        ]
        messages: list[dict[str, object]] = [
            {"role": "system", "content": system},
            *earlier,
            {"role": "user", "content": text},
        ]
        if kind == "tool_result":
            function = {"name": name, "arguments": "{}"}
            call: object = {"id": "call_1", "type": "function", "function": function}
            messages += [
                {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "call_1", "content": "20 degrees"},
            ]
        tool = name if kind in ("tool", "tool_result") else "lookup"
        parameters = {"type": "object", "properties": {"place": {"type": "string"}}}
        offered = {"type": "function", "function": {"name": tool, "parameters": parameters}}
        body |= {"messages": messages, "tools": [offered]}
        if kind in ("body", "schema"):
            body["safety_identifier"] = name
        return body

    def _expected(self, stub: int) -> Expected:
        text = reply_text(stub)
        if not self.stream:
            return Expected(content=json.dumps(text).encode())
        return Expected(content=f'"{text[:4]}"'.encode(), events=self.events)


def scenario(folder: Path, kind: str, count: int = STUBS) -> Path:
    """A scenario of mockserver whose stubs are told apart by that kind of condition."""
    stubs = [
        {
            "name": topic(stub),
            "when": condition(kind, topic(stub)),
            "reply": {"output": [{"text": reply_text(stub)}], **({"pace": _PACES[stub]} if stub in _PACES else {})},
        }
        for stub in range(count)
    ]
    # JSON is YAML.
    path = folder / f"{kind.replace(' ', '-')}-{count}.yaml"
    path.write_text(json.dumps({"scenario": "bench", "stubs": stubs}), encoding="utf-8")
    return path


def aimock(folder: Path) -> Path:
    """The fixtures of aimock."""
    fixtures = [
        {
            "match": {"userMessage": topic(stub)},
            "response": {"content": reply_text(stub)},
            "chunkSize": 4,
            "latency": 20 if stub == PACED else 0,
        }
        for stub in range(STUBS)
    ]
    path = folder / "aimock.json"
    path.write_text(json.dumps({"fixtures": fixtures}), encoding="utf-8")
    return path
