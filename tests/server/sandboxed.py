"""A sandbox asked without a socket: the script is read as a client would read its bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPResponse
from io import BytesIO
from typing import Any

from tests.kit import Dialects, Headers, Record, Request, Sandbox, Settings, Write, load_text, parse_target

CHAT = "/v1/chat/completions"
RESPONSES = "/v1/responses"
COMPACT = "/v1/responses/compact"
DIALECTS = Dialects()
KEY = ("authorization", "Bearer any")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A reply as a client reads it, and its record."""

    status: int
    headers: dict[str, str]
    body: bytes
    wire: bytes
    entry: Record

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def events(self) -> list[Any]:
        """The data of every event; `[DONE]` as text."""
        found = [line.removeprefix("data: ") for line in self.body.decode().splitlines() if line.startswith("data: ")]
        return [one if one == "[DONE]" else json.loads(one) for one in found]

    @property
    def said(self) -> str:
        """The text of a whole reply."""
        found = self.json
        if "choices" in found:
            return str(found["choices"][0]["message"]["content"])
        return "".join(part["text"] for item in found["output"] for part in item.get("content") or ())


class Played:
    """Scenarios on a sandbox of their own."""

    def __init__(self, *texts: str, **settings: Any) -> None:
        scenarios = tuple(
            load_text(text, origin=f"s{place or ''}.yaml", dialects=DIALECTS) for place, text in enumerate(texts)
        )
        openai = DIALECTS.find("openai")
        self.sandbox = Sandbox("s", openai, scenarios=scenarios, settings=Settings(**settings))

    def ask(self, path: str = CHAT, user: str = "hello", headers: Headers = (KEY,), **members: Any) -> Answer:
        """POST what a user says, with further members of the body."""
        said: Any = [{"role": "user", "content": user}]
        body = {"model": "gpt-5.4", "messages" if path == CHAT else "input": said} | members
        return self.post(path, json.dumps(body).encode(), headers)

    def post(self, path: str, body: bytes, headers: Headers = (KEY,)) -> Answer:
        """POST bytes."""
        return self.send("POST", path, body, headers)

    def send(self, method: str, target: str, body: bytes = b"", headers: Headers = (KEY,)) -> Answer:
        """Send a request of any method; the target may have a query."""
        found = parse_target(target, None)
        request = Request(method=method, target=target, path=found.path, query=found.query, headers=headers, body=body)
        _, decision = self.sandbox.exchange(request, now_s=0.0)
        wire = b"".join([act.data for act in decision.acts if isinstance(act, Write)])
        response = HTTPResponse(_Line(wire))  # type: ignore[arg-type]  # it asks for no more
        response.begin()
        return Answer(
            status=response.status,
            headers={name.lower(): value for name, value in response.getheaders()},
            body=response.read(),
            wire=wire,
            entry=self.sandbox.journal.entries[-1],
        )


@dataclass
class _Line:
    data: bytes

    def makefile(self, _mode: str) -> BytesIO:
        return BytesIO(self.data)
