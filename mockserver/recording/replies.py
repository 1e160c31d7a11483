"""The reply of a scenario that replays a recorded one: the first form of several that is proven to.

A form is proven when the scenario loads with it and the reply that is rendered for the recorded request has the
recorded events or JSON; its bytes too, where it is no rendered output. Rules that it breaks are named in `breaks`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, cast

from mockserver.contract.judge import judge
from mockserver.errors import ScenarioError
from mockserver.items.calls import FROM_SCHEMA, OFFERED
from mockserver.items.message import FROM_FORMAT
from mockserver.model.endpoint import Endpoint, Shape
from mockserver.model.frames import PLAIN, Event
from mockserver.model.headers import header_problem
from mockserver.model.ids import IdGenerator
from mockserver.model.json import (
    JSON,
    JSONObject,
    JSONReadError,
    as_list,
    as_object,
    json_difference,
    read,
    read_text,
    write,
)
from mockserver.model.sse import read_event, split_events
from mockserver.model.stub import Scenario
from mockserver.pipeline.request_templates import sampled
from mockserver.recording.exchange import RecordedExchange
from mockserver.recording.outputs import outputs
from mockserver.render import STREAM_TYPE, render
from mockserver.render.context import RenderContext
from mockserver.render.http1 import sse_event, sse_stream
from mockserver.render.replies import JSON_TYPE, BodyReply, EventStream, RawReply
from mockserver.scenario.dialects import DialectSource
from mockserver.scenario.load import load_value

_NAME: Final = "recorded"
FRAMING: Final = frozenset(
    {"connection", "content-encoding", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
KEPT_HEADERS: Final = re.compile(
    r"retry-after(-ms)?|x-should-retry|x-ratelimit-.*|(x-)?request-id|openai-(processing-ms|version|model)"
)
"""The headers of replies that clients act on, in lower case."""
_CONTENT_TYPE: Final = "content-type"
_ENDPOINTS: Final = {Shape.CHAT: Endpoint.CHAT, Shape.RESPONSES: Endpoint.RESPONSES, Shape.COMPACTION: Endpoint.COMPACT}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyWriter:
    """Finds the form of replies. `all_headers` keeps every header of a reply that is no framing, else only those that
    clients act on."""

    dialects: DialectSource
    dialect: str = "openai"
    all_headers: bool = False
    paced: bool = True

    def reply(self, exchange: RecordedExchange) -> JSONObject:
        """The reply as it is written in a scenario."""
        options = self._options(exchange)
        for form in _FORMS:
            for content in form(exchange):
                headers = {**as_object(content.get("headers")), **as_object(options.get("headers"))}
                faults = [*as_list(options.get("faults")), *as_list(content.get("faults"))]
                merged = options | ({"headers": headers} if headers else {}) | _without_merged(content)
                merged |= {"faults": faults} if faults else {}
                found = self._proven(merged, exchange)
                if found is not None:
                    return found
        return _raw(exchange)

    def endpoint(self, exchange: RecordedExchange) -> Endpoint:
        """What was called; without a request what the reply belongs to."""
        return exchange.endpoint or _ENDPOINTS.get(judge(exchange.reply_body).shape or Shape.CHAT, Endpoint.CHAT)

    def _options(self, exchange: RecordedExchange) -> JSONObject:
        options: JSONObject = {}
        if exchange.status != 200:
            options["status"] = exchange.status
        if headers := self._headers(exchange):
            options["headers"] = headers
        pace, delays = _schedule(exchange)
        if self.paced and pace:
            options["pace"] = pace
        if self.paced and delays:
            options["faults"] = delays
        return options

    def _headers(self, exchange: RecordedExchange) -> JSONObject:
        found: dict[str, list[JSON]] = {}
        for name, value in exchange.reply_headers:
            key = name.lower()
            kept = key not in FRAMING if self.all_headers else KEPT_HEADERS.fullmatch(key)
            if kept and key != _CONTENT_TYPE and value and header_problem(key, value) is None:
                found.setdefault(key, []).append(_escaped(value))
        kind = _content_type(exchange)
        if kind is not None and kind != (STREAM_TYPE if exchange.streamed else JSON_TYPE):
            found[_CONTENT_TYPE] = [kind]
        return {name: values[0] if len(values) == 1 else values for name, values in found.items()}

    def _proven(self, reply: JSONObject, exchange: RecordedExchange) -> JSONObject | None:
        """The reply, with the rules that it breaks, if it replays the exchange."""
        if "error" in reply and "status" in reply:
            reply = {name: value for name, value in reply.items() if name != "status"}
        try:
            scenario = self._loaded(reply, exchange)
        except ScenarioError as error:
            rules: list[JSON] = [*sorted({problem.rule for problem in error.problems if problem.rule})]
            if "breaks" in reply or not rules or any(problem.rule is None for problem in error.problems):
                return None
            return self._proven(reply | {"breaks": rules}, exchange)
        rendered = self._rendered(scenario, exchange)
        if rendered is None:
            return None
        if "output" in reply and "fields" not in reply:
            fields = _fields(rendered, exchange)
            if fields:
                return self._proven(reply | {"fields": fields}, exchange)
        return reply if _same(rendered, exchange, exact="output" not in reply and "error" not in reply) else None

    def _loaded(self, reply: JSONObject, exchange: RecordedExchange) -> Scenario:
        stub: JSONObject = {
            "name": _NAME,
            "on": self.endpoint(exchange).value,
            "when": {"stream": wants_stream(exchange)},
            "reply": reply,
        }
        return load_value({"dialect": self.dialect, "stubs": [stub]}, _NAME, self.dialects)

    def _rendered(self, scenario: Scenario, exchange: RecordedExchange) -> BodyReply | EventStream | None:
        [stub] = scenario.stubs
        call, dialect = exchange.call, scenario.dialect
        shape = dialect.shape(stub.on[0], call.body)
        if shape is None or shape not in stub.shapes:
            return None
        ids = IdGenerator(seed=0, scenario=_NAME, stub=_NAME, call=0)
        context = RenderContext(call=call, dialect=dialect, ids=ids)
        rendered = render(sampled(stub.replies[0]), context, shape, stream=wants_stream(exchange))
        return None if isinstance(rendered, RawReply) else rendered


def _without_merged(content: JSONObject) -> JSONObject:
    return {name: value for name, value in content.items() if name not in ("headers", "faults")}


def wants_stream(exchange: RecordedExchange) -> bool:
    """Whether the request asked for a stream; without a request, whether the reply is one."""
    return exchange.call.stream if exchange.body is not None else exchange.streamed


def _same(rendered: BodyReply | EventStream, exchange: RecordedExchange, *, exact: bool) -> bool:
    if isinstance(rendered, EventStream):
        if exact:
            return b"".join(sse_stream(rendered.events)) == exchange.reply_body
        return exchange.streamed and [_said(sse_event(one).decode()) for one in rendered.events] == [
            _said(part) for part in split_events(exchange.reply_text or "")
        ]
    if exact and exchange.exact:
        return rendered.body == exchange.reply_body
    return not exchange.streamed and same_json(rendered.body, exchange.reply_body)


def same_json(one: bytes, other: bytes) -> bool:
    """Whether two bodies are the same JSON."""
    first, second = read(one), read(other)
    wrong = isinstance(first, JSONReadError) or isinstance(second, JSONReadError)
    return not wrong and json_difference(cast("JSON", first), cast("JSON", second)) is None


def _said(part: str) -> tuple[str | None, JSON]:
    name, text = read_event(part)
    value = read_text(text or "")
    return name, text if isinstance(value, JSONReadError) else value


def _fields(rendered: BodyReply | EventStream, exchange: RecordedExchange) -> JSONObject:
    """Members at the top of a rendered body that the recorded one has with other values, or alone."""
    if not isinstance(rendered, BodyReply):
        return {}
    ours, theirs = read(rendered.body), read(exchange.reply_body)
    if not isinstance(ours, dict) or not isinstance(theirs, dict) or ours.keys() - theirs.keys():
        return {}
    found = {name: value for name, value in theirs.items() if name not in ours or write(ours[name]) != write(value)}
    content = found.keys() & {"choices", "output", "object"}
    return {} if content or len(found) > _MAX_FIELDS else found


_MAX_FIELDS: Final = 8
"""Above so many members a reply is not more readable as an output."""


# --- forms, the most readable first ---


def _error(exchange: RecordedExchange) -> Iterator[JSONObject]:
    body = read(exchange.reply_body)
    if isinstance(body, dict) and isinstance(body.get("error"), dict) and not 200 <= exchange.status < 300:
        members = body["error"]
        if isinstance(members, dict) and members.keys() <= {"type", "code", "param", "message"}:
            yield {"error": {"status": exchange.status} | _filled(members)}


def _output(exchange: RecordedExchange) -> Iterator[JSONObject]:
    if exchange.complete and 200 <= exchange.status < 300 and exchange.reply_text is not None:
        yield from map(_filled, outputs(exchange))


def _events(exchange: RecordedExchange) -> Iterator[JSONObject]:
    if not exchange.streamed:
        return
    parts = split_events(exchange.reply_text or "")
    ending: JSONObject = {} if exchange.complete else {"faults": [{"cut": {"after": len(parts)}}]}
    written: list[JSON] = [_event(part) for part in parts]
    spelled: list[JSON] = [{"sse": part} for part in parts]
    yield {"events": written, **ending}
    yield {"events": spelled, **ending}


def _event(part: str) -> JSON:
    """An event as data where that gives the same text, else as it is spelled."""
    name, text = read_event(part)
    data = read_text(text or "")
    if isinstance(data, dict) and write(data) == text:
        kind = data.get("type")
        typed = isinstance(kind, str)
        entry: JSONObject = {"data": _filled(data)}
        if typed and "sequence_number" not in data:
            entry["data"] = _escaped(text)
        event = Event(label="", ordinal=0, data=data, name=name)
    else:
        typed, kind = False, None
        entry = {"data": _escaped(text or "")}
        event = Event(label="", ordinal=0, data=None, text=text or "", name=name)
    if text is None or sse_event(event, PLAIN).decode("utf-8", "surrogatepass") != part:
        return {"sse": part}
    if isinstance(entry["data"], str):
        return entry["data"] if name is None else {"event": name, **entry}
    if name is None and typed:
        return {"event": "", **entry}
    return entry if name is None or (typed and name == kind) else {"event": name, **entry}


def _json_body(exchange: RecordedExchange) -> Iterator[JSONObject]:
    body = read(exchange.reply_body)
    if exchange.complete and isinstance(body, dict):
        yield {"body": _filled(body)}


def _text_body(exchange: RecordedExchange) -> Iterator[JSONObject]:
    text = exchange.reply_text
    if exchange.complete and text is not None:
        kind = _content_type(exchange) or (STREAM_TYPE if exchange.streamed else JSON_TYPE)
        # Without characters that a YAML reader would have to refuse.
        headers: JSONObject = {_CONTENT_TYPE: kind}
        yield {"body": _escaped(text), "headers": headers}


def _raw(exchange: RecordedExchange) -> JSONObject:
    """Any reply: its head in short, its body as it is. One that ended early declares more than it has."""
    from base64 import b64encode  # noqa: PLC0415  # seldom needed

    body = exchange.reply_body
    declared = next((value for name, value in exchange.reply_headers if name.lower() == "content-length"), "")
    length = declared if not exchange.complete and declared.isdigit() else str(len(body) + (not exchange.complete))
    kind = _content_type(exchange) or (STREAM_TYPE if exchange.streamed else JSON_TYPE)
    head = f"HTTP/1.1 {exchange.status} \r\n{_CONTENT_TYPE}: {kind}\r\ncontent-length: {length}\r\n\r\n".encode()
    text = exchange.reply_text
    if text is None:
        return {"raw": {"base64": b64encode(head + body).decode()}}
    return {"raw": head.decode() + text}


_FORMS: Final[tuple[Callable[[RecordedExchange], Iterator[JSONObject]], ...]] = (
    _output,
    _error,
    _events,
    _json_body,
    _text_body,
)


def _content_type(exchange: RecordedExchange) -> str | None:
    found = [value for name, value in exchange.reply_headers if name.lower() == _CONTENT_TYPE]
    return found[0] if found and "/" in found[0] and header_problem(_CONTENT_TYPE, found[0]) is None else None


# Texts that would be made for the request.
_WORDS = frozenset({OFFERED, FROM_SCHEMA, FROM_FORMAT})


def _escaped(text: str) -> str:
    if text in _WORDS:
        return f"{{{{'{text}'}}}}"
    return text.replace("{{", "{{'{{'}}")


def _filled(value: JSONObject) -> JSONObject:
    """A value with literal braces in place of what would quote the request."""
    return {name: _filled_value(one) for name, one in value.items()}


def _filled_value(value: JSON) -> JSON:
    match value:
        case str():
            return _escaped(value)
        case list():
            return [_filled_value(one) for one in value]
        case dict():
            return _filled(value)
        case _:
            return value


def _schedule(exchange: RecordedExchange) -> tuple[JSONObject, list[JSON]]:
    """The pace of the events, and delays for portions that begin inside an event; of a whole reply when it had come.

    An event leaves when the portion came that has its first byte."""
    if not exchange.streamed:
        total = _milliseconds(exchange.times_s[-1]) if exchange.times_s else 0
        return ({"first": f"{total}ms"} if total else {}), []
    starts = [0, *accumulate(len(part.encode()) for part in split_events(exchange.reply_text or ""))][:-1]
    portions = [place for place in (0, *exchange.splits) if place < len(exchange.reply_body)]
    times = exchange.times_s or (0.0,)
    waits: list[int] = []
    delays: list[JSON] = []
    clock = 0.0
    for place in sorted({*starts, *portions}):
        now = max(clock, times[min(bisect_right(portions, place), len(times)) - 1])
        wait = _milliseconds(now) - _milliseconds(clock)
        clock = now
        if place in starts:
            waits.append(wait)
        else:
            delays.append({"delay": {"at_byte": place, "for": f"{wait}ms"}})
    return _pace(waits), delays if len(delays) <= _MAX_DELAYS else []


_MAX_DELAYS: Final = 100
"""Of more portions inside events only the events' own times are kept."""


def _pace(waits: list[int]) -> JSONObject:
    if not any(waits):
        return {}
    if len(set(waits[1:])) <= 1:
        gap: JSONObject = {"gap": f"{waits[1]}ms"} if waits[1:] and waits[1] else {}
        return {"first": f"{waits[0]}ms"} | gap
    return {"per_event": [f"{wait}ms" for wait in waits]}


def _milliseconds(seconds: float) -> int:
    return max(0, round(seconds * 1000))
