"""A small world to report on: two stubs, a conversation, a few entries."""

from __future__ import annotations

from mockserver.errors import Position
from tests.kit import (
    ENDPOINTS,
    BodyCondition,
    Call,
    Close,
    Contains,
    Dialect,
    EndOfReply,
    Endpoint,
    Equals,
    ExchangeKind,
    Finding,
    HeaderOrQueryCondition,
    Headers,
    Journal,
    JSONObject,
    Outcome,
    OutcomeKind,
    Output,
    Part,
    Record,
    Reply,
    Request,
    Route,
    Scenario,
    Script,
    Send,
    Severity,
    Shape,
    Stub,
    StubSet,
    Text,
    TextCondition,
    Times,
    write_bytes,
)
from tests.kit import ToolResultCondition as ToolResult

BOTH = (Endpoint.CHAT, Endpoint.RESPONSES)
HEADERS: Headers = (
    ("Host", "127.0.0.1:8080"),
    ("Authorization", "Bearer sk-secret-abcd"),
    ("Content-Type", "application/json"),
    ("X-Ambient", "noise"),
)


def reply(text: str) -> Reply:
    return Reply(content=Output(choices=((Text(text=text),),)))


def at(line: int) -> Position:
    return Position(file="weather.yaml", line=line, column=5)


ASKS = Stub(
    name="asks for the weather",
    on=BOTH,
    replies=(reply("which city?"),),
    when=(TextCondition(name="user", want=Contains("weather")),),
    times=Times(least=2, most=2),
    origin=at(8),
)
TELLS = Stub(
    name="tells the weather",
    on=BOTH,
    replies=(reply("18 degrees"),),
    when=(ToolResult(of=Equals("get_weather")),),
    origin=at(20),
)
SAYS_GOODBYE = Stub(
    name="says goodbye",
    on=BOTH,
    replies=(reply("bye"),),
    when=(
        TextCondition(name="model", want=Equals("gpt-5.4")),
        TextCondition(name="user", want=Equals("bye")),
        HeaderOrQueryCondition(place="header", name="authorization", want=Equals("Bearer sk-other")),
        BodyCondition(expected={"metadata": {"trace": "on", "user": 7}, "temperature": 0}),
    ),
    times=Times(least=1),
    origin=at(31),
)
COMPACTS = Stub(name="compacts", on=(Endpoint.COMPACT,), replies=(reply("short"),), origin=at(40))
DIALECT = Dialect(
    name="openai",
    routes=tuple(
        Route(path=f"/{endpoint}", endpoint=endpoint, shape=shape)
        for endpoint, shape in zip(ENDPOINTS.scripted, (Shape.CHAT, Shape.RESPONSES, Shape.COMPACTION), strict=True)
    ),
)
WEATHER = Scenario(
    name="weather",
    stubs=(ASKS, TELLS, SAYS_GOODBYE, COMPACTS),
    dialect=DIALECT,
    about="A tool round trip.",
    origin="weather.yaml",
)
SCRIPT = Script(
    frames=(
        Send(data=b"HTTP/1.1 200 OK\r\n\r\n", part=Part.HEAD),
        Send(data=b"data: {}\n\n", part=Part.EVENT, event=0, nth=0, label="role"),
        Send(data=b"data: [DONE]\n\n", part=Part.EVENT, event=1, nth=1, label="terminator"),
        EndOfReply(),
    )
)
CUT = Script(frames=(*SCRIPT.frames[:2], Close()))


def request_of(body: JSONObject | bytes, path: str = "/v1/chat/completions") -> Request:
    raw = body if isinstance(body, bytes) else write_bytes(body)
    return Request(
        method="POST",
        target=f"/sandbox/weather{path}?api_key=sk-1&x=2",
        path=path,
        query=(("api_key", "sk-1"), ("x", "2")),
        headers=HEADERS,
        body=raw,
    )


def chat(text: str, **more: object) -> JSONObject:
    body: JSONObject = {"model": "gpt-5.4", "messages": [{"role": "user", "content": text}]}
    for name, value in more.items():
        assert isinstance(value, bool | int | str)
        body[name] = value
    return body


class World:
    """A stubs and a journal that are played like a sandbox would."""

    def __init__(self, *scenarios: Scenario) -> None:
        self.stubs = StubSet(scenarios)
        self.journal = Journal(limit=5)

    def ask(
        self,
        body: JSONObject,
        *findings: Finding,
        endpoint: Endpoint = Endpoint.CHAT,
        how: OutcomeKind | None = OutcomeKind.COMPLETE,
        script: Script = SCRIPT,
    ) -> Record:
        request = request_of(body)
        call = Call(endpoint=endpoint, body=body, headers=request.headers, query=request.query)
        mounted = self.stubs.find(call)
        choice = self.stubs.miss(call) if mounted is None else self.stubs.claim(mounted, call)
        entry = Record(
            number=self.journal.next_number(),
            kind=ExchangeKind.CALL,
            at_s=0.25,
            request=request,
            endpoint=endpoint,
            streams=call.stream,
            choice=choice,
            findings=findings,
            status=404 if mounted is None else 200,
            source=script,
        )
        return self.add(entry, how)

    def add(self, entry: Record, how: OutcomeKind | None = OutcomeKind.COMPLETE) -> Record:
        self.journal.add(entry)
        if how is not None:
            entry.outcome = Outcome(how=how, frames=4, sent=42, started_s=7.0, ended_s=7.5)
        return entry


BREACH = Finding(rule="request.role", path="messages[0].role", message="'usr' is no role")
NOTICE = Finding(rule="request.unknown", path="tempo", message="unknown member", severity=Severity.NOTICE)
