"""Drift: where the reply of an upstream has another form than the reply of a scenario, or breaks the contract.

Compared are status, headers that clients act on, members with their types, words of closed lists, events with their
order, and rules of the contract. Ids, times, wording and counts are never compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from typing import Final, NamedTuple

from mockserver.contract.judge import judge
from mockserver.contract.reply_contract import Expression, Kind, ListOf, Literal, OneOf, Presence, ReplyContract
from mockserver.model.endpoint import Shape
from mockserver.model.findings import Severity
from mockserver.model.json import JSON, JSONObject, JSONReadError, as_list, as_object, member_path, read, read_text
from mockserver.model.sse import read_event, split_events
from mockserver.recording.exchange import RecordedExchange, header
from mockserver.recording.replies import KEPT_HEADERS

_BODIES: Final = {Shape.CHAT: "chat.completion", Shape.RESPONSES: "response", Shape.COMPACTION: "response.compaction"}
_ERROR: Final = "error.envelope"
_CHUNK: Final = "chat.chunk"
_DONE: Final = "[DONE]"
_ERROR_WORDS: Final = ("type", "code", "param")
_INDEXES: Final = ("sequence_number", "output_index", "content_index", "summary_index")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One difference. `kind` is its class, `place` where it is: `output[message].status`, `event response.created`.

    `dialect` or `scenario` is what to write into a file of that sort so that the difference is gone."""

    kind: str
    place: str
    expected: str
    got: str
    dialect: JSONObject = field(default_factory=dict)
    scenario: JSONObject = field(default_factory=dict)


def drift(
    expected: RecordedExchange, got: RecordedExchange, *, shape: Shape, contract: ReplyContract
) -> tuple[Drift, ...]:
    """Every difference between the reply of a scenario and that of an upstream, to one request."""
    if expected.status != got.status:
        reply: JSONObject = {"status": got.status}
        error = as_object(json_body(got.reply_body).get("error"))
        if got.status >= 400:
            reply = {"error": {"status": got.status} | {name: error[name] for name in _ERROR_WORDS if name in error}}
        numbers = (str(expected.status), str(got.status))
        return (Drift(kind="status", place="status", expected=numbers[0], got=numbers[1], scenario={"reply": reply}),)
    found = [*_headers(expected, got)]
    if expected.streamed is not got.streamed:
        forms = ["event stream" if one.streamed else "body" for one in (expected, got)]
        return (*found, Drift(kind="form", place="body", expected=forms[0], got=forms[1]))
    if expected.streamed:
        found += _streams(_Stream.of(expected), _Stream.of(got), shape, contract)
    else:
        ours, theirs = json_body(expected.reply_body), json_body(got.reply_body)
        if ours and not theirs:
            return (*found, Drift(kind="form", place="body", expected="a JSON object", got="another body"))
        failed = "error" in theirs and "object" not in theirs
        kind = _ERROR if failed else _BODIES.get(shape, "")
        found += _members({"": [ours]}, {"": [theirs]}, {"": kind}, contract)
    return (*found, *_contract(expected, got, shape, contract, found))


def json_body(data: bytes) -> JSONObject:
    """A body's JSON object; empty where it is none."""
    value = read(data)
    return value if isinstance(value, dict) else {}


# --- headers ---


def _headers(expected: RecordedExchange, got: RecordedExchange) -> Iterator[Drift]:
    kinds = [header(one.reply_headers, "content-type").partition(";")[0].strip() for one in (expected, got)]
    if kinds[0] != kinds[1]:
        patch: JSONObject = {"reply": {"headers": {"content-type": kinds[1]}}}
        yield Drift(kind="header.value", place="content-type", expected=kinds[0], got=kinds[1], scenario=patch)
    ours, theirs = ({name.lower(): value for name, value in one.reply_headers} for one in (expected, got))
    for name in sorted(name for name in ours.keys() ^ theirs.keys() if KEPT_HEADERS.fullmatch(name)):
        kind = "header.removed" if name in ours else "header.added"
        value = "{request_id}" if name.endswith("request-id") else re.sub("[{}]", "", theirs.get(name, ""))
        patch = {"headers": {name: None if name in ours else value}}
        before, after = _present(name in ours), _present(name in theirs)
        yield Drift(kind=kind, place=name, expected=before, got=after, dialect=patch)


# --- members ---


class _Holder(NamedTuple):
    """A member as the contract has it: what kind of object holds it, its name, its type if known, the place above."""

    kind: str
    name: str
    holds: Expression | None
    above: str = ""


@dataclass(slots=True)
class _Seen:
    """What was found at one place."""

    holder: _Holder
    types: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    example: JSON = None


_Places = dict[str, _Seen]


def _places(values: Iterable[JSON], kind: str, contract: ReplyContract) -> _Places:
    found: _Places = {}
    expression: Expression = (Kind(kind),) if kind in contract.tables.kinds else ("any",)
    for value in values:
        _collect(value, expression, "", _Holder("", "", None), contract, found)
    return found


def _collect(
    value: JSON, holds: Expression | None, place: str, holder: _Holder, contract: ReplyContract, found: _Places
) -> None:
    seen = found.setdefault(place, _Seen(holder, example=value))
    kind = _type(value)
    if kind == "number" or (kind == "integer" and holds is not None and "number" in holds):
        kind = "number"
    seen.types.add(kind)
    closed = holds is not None and any(isinstance(one, Literal | OneOf) for one in holds)
    if isinstance(value, str) and (closed or (holder.kind == "error" and holder.name in _ERROR_WORDS)):
        seen.words.add(value)
    if isinstance(value, dict):
        members = contract.tables.kinds.get(_kind_of(value, holds))
        name, table = (_kind_of(value, holds), members.table) if members else ("", {})
        for member, inner in value.items():
            known = table.get(member)
            expression = None if known is None or known.need is Presence.ABSENT else known.holds
            below = _Holder(name, member, expression, place)
            _collect(inner, below.holds, member_path(place, member), below, contract, found)
    elif isinstance(value, list):
        listed = next((one.element for one in holds or () if isinstance(one, ListOf)), None)
        for one in value:
            word = one.get("type") if isinstance(one, dict) else None
            below = _Holder("", holder.name, listed, place)
            _collect(one, listed, f"{place}[{word if isinstance(word, str) else ''}]", below, contract, found)


def _kind_of(value: JSONObject, holds: Expression | None) -> str:
    """The name that the contract has for the kind of an object; empty where it says none."""
    for one in holds or ():
        if isinstance(one, Kind):
            return f"{one.name}.{value.get('type')}" if one.by_type else one.name
    return ""


def _type(value: JSON) -> str:
    names = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string", list: "list"}
    return names.get(type(value), "object")


def _members(
    ours: Mapping[str, Iterable[JSON]],
    theirs: Mapping[str, Iterable[JSON]],
    kinds: Mapping[str, str],
    contract: ReplyContract,
) -> Iterator[Drift]:
    """Differences in the members of values, by the event that has them (empty for a body)."""
    for event in [one for one in ours if one in theirs]:
        root = f"event {event}: " if event else ""
        before = _places(ours[event], kinds[event], contract)
        after = _places(theirs[event], kinds[event], contract)
        for one in _differences(before, after, contract):
            yield replace(one, place=f"{root}{one.place}")


def _differences(ours: _Places, theirs: _Places, contract: ReplyContract) -> Iterator[Drift]:
    for place, seen in ours.items():
        holder, item = seen.holder, place.endswith("]")
        if place in theirs:
            yield from _changed(place, seen, theirs[place], contract)
        elif holder.above in theirs and not place.endswith("[]"):
            kind = "item.gone" if item else "member.removed"
            patch = _patch(holder, Presence.OPTIONAL, seen.types)
            yield Drift(kind=kind, place=place, expected=_named(seen), got="absent", dialect=patch)
    for place, seen in theirs.items():
        holder, item = seen.holder, place.endswith("]")
        if place not in ours and holder.above in ours and not place.endswith("[]"):
            kind = "item.new" if item else "member.added"
            known = holder.holds is not None
            patch = {} if known else _patch(holder, Presence.OPTIONAL, seen.types)
            fields: JSONObject = {"reply": {"fields": {holder.name: seen.example}}}
            change = fields if known and not holder.above and not item else {}
            yield Drift(kind=kind, place=place, expected="absent", got=_named(seen), dialect=patch, scenario=change)


def _changed(place: str, ours: _Seen, theirs: _Seen, contract: ReplyContract) -> Iterator[Drift]:
    holder = ours.holder
    new = theirs.types - ours.types
    allowed = holder.holds is not None and "null" in holder.holds
    if theirs.types == {"null"} and new:
        patch = _patch(holder, Presence.OPTIONAL, ours.types | {"null"}) if not allowed else {}
        yield Drift(kind="member.null", place=place, expected=_named(ours), got="null", dialect=patch)
    elif (new - {"null"} and ours.types != {"null"}) or (new and not allowed):
        patch = _patch(holder, Presence.REQUIRED, ours.types | theirs.types)
        yield Drift(kind="member.type", place=place, expected=_named(ours), got=_named(theirs), dialect=patch)
    elif ours.words and theirs.words - ours.words:
        added = sorted(theirs.words - ours.words)
        error = holder.kind == "error"
        name = "finish" if holder.name in ("finish_reason", "status") else "error" if error else "value"
        lists: JSONObject = {
            one.values: [*sorted(contract.tables.values[one.values] | theirs.words)]
            for one in holder.holds or ()
            if isinstance(one, OneOf)
        }
        change: JSONObject = (
            {"reply": {"error": {holder.name: added[0]}}} if error else {"reply": {"fields": {holder.name: added[0]}}}
        )
        yield Drift(
            kind=name,
            place=place,
            expected=", ".join(sorted(ours.words)),
            got=", ".join(added),
            dialect={"contract": {"values": lists}} if lists and not error else {},
            scenario=change if not holder.above or error else {},
        )


def _named(seen: _Seen) -> str:
    return " or ".join(sorted(seen.types))


def _patch(holder: _Holder, presence: Presence, types: Iterable[str]) -> JSONObject:
    if not holder.kind:
        return {}
    return {"contract": {"kinds": {holder.kind: {presence.value: {holder.name: "|".join(sorted(types))}}}}}


# --- streams ---


@dataclass(frozen=True, slots=True)
class _Stream:
    """Events in order: their words, and their values by word; whether `event:` lines name them; whether it ends in
    `[DONE]`."""

    order: tuple[str, ...]
    values: Mapping[str, list[JSON]]
    named: bool
    done: bool

    @classmethod
    def of(cls, exchange: RecordedExchange) -> _Stream:
        order: list[str] = []
        values: dict[str, list[JSON]] = {}
        named = done = False
        for name, data in map(read_event, split_events(exchange.reply_text or "")):
            if data is None:
                continue
            named = named or name is not None
            if data == _DONE:
                done = True
                continue
            value = read_text(data)
            word = "unreadable" if isinstance(value, JSONReadError) else _word(value)
            order.append(word)
            values.setdefault(word, []).append(None if isinstance(value, JSONReadError) else value)
        return cls(tuple(one for one, _ in groupby(order)), values, named, done)


def _word(value: JSON) -> str:
    """The type of an event; of a chunk what it brings."""
    event = as_object(value)
    kind = event.get("type")
    if isinstance(kind, str):
        return kind
    if "error" in event:
        return "error"
    choices = [as_object(one) for one in as_list(event.get("choices"))]
    if not choices:
        return "chunk.usage" if event.get("usage") else "chunk.empty"
    if any(one.get("finish_reason") is not None for one in choices):
        return "chunk.finish"
    names = dict.fromkeys(
        name for one in choices for name, given in as_object(one.get("delta")).items() if given not in (None, "")
    )
    brought = [name for name in names if name != "role"] or [*names]
    return f"chunk.{brought[0]}" if brought else "chunk.empty"


def _streams(ours: _Stream, theirs: _Stream, shape: Shape, contract: ReplyContract) -> Iterator[Drift]:
    chat = shape is Shape.CHAT
    section = "chat" if chat else "responses"
    for kind, before, after, key in (
        ("event.done", ours.done, theirs.done, "done"),
        ("event.lines", ours.named, theirs.named, "event_lines"),
    ):
        if before is not after:
            # The renderer of chat ends every stream so.
            patch: JSONObject = {"contract": {section: {key: "required" if after and not chat else "optional"}}}
            patch |= {} if chat else {section: {key: after}}
            yield Drift(kind=kind, place="stream", expected=_present(before), got=_present(after), dialect=patch)
    for word in ours.values:
        if word not in theirs.values:
            yield Drift(kind="event.gone", place=f"event {word}", expected="present", got="absent")
    for word, values in theirs.values.items():
        if word not in ours.values:
            yield Drift(
                kind="event.new",
                place=f"event {word}",
                expected="absent",
                got="present",
                dialect={} if chat else _event(word, values[0], contract),
            )
    yield from _order(ours, theirs)
    for name in _INDEXES:
        first = [_first(stream, name) for stream in (ours, theirs)]
        if None not in first and first[0] != first[1]:
            yield Drift(kind="index.base", place=name, expected=str(first[0]), got=str(first[1]))
    kinds = {word: _CHUNK if chat else f"event.{word}" for word in ours.values}
    yield from _members(ours.values, theirs.values, kinds, contract)


def _order(ours: _Stream, theirs: _Stream) -> Iterator[Drift]:
    common = ours.values.keys() & theirs.values.keys()
    runs = [
        tuple(one for one, _ in groupby(word for word in stream.order if word in common)) for stream in (ours, theirs)
    ]
    before, after = runs
    edges = {*pairwise(before)}
    wrong = next((edge for edge in pairwise(after) if edge not in edges), None)
    if wrong is not None:
        usual = " or ".join(sorted(two for one, two in edges if one == wrong[0])) or "nothing"
        yield Drift(kind="event.order", place=f"event {wrong[1]}", expected=f"{usual} after {wrong[0]}", got=wrong[1])
    elif before and after and before[-1] != after[-1]:
        yield Drift(kind="event.end", place=f"event {after[-1]}", expected=before[-1], got=after[-1])


def _present(value: bool) -> str:  # noqa: FBT001  # its only argument
    return "present" if value else "absent"


def _first(stream: _Stream, name: str) -> int | None:
    numbers = [as_object(one).get(name) for values in stream.values.values() for one in values]
    found = [one for one in numbers if isinstance(one, int)]
    return min(found) if found else None


def _event(word: str, value: JSON, contract: ReplyContract) -> JSONObject:
    """An event that the contract does not know, as a dialect describes it."""
    if f"event.{word}" in contract.tables.kinds:
        return {}
    members: JSONObject = {name: f"={word}" if name == "type" else _type(one) for name, one in as_object(value).items()}
    return {
        "contract": {
            "kinds": {f"event.{word}": {"only": True, "required": members}},
            "responses": {"extra_events": [word]},
        }
    }


# --- the contract ---

_COVERED: Final = (
    (re.compile(r"http\.content_type|.*\.schema\.unknown"), ""),
    (re.compile(r".*\.schema\..*"), "member."),
    (re.compile(r".*\.schema\..*"), "finish"),
    (re.compile(r".*\.schema\..*"), "value"),
    (re.compile(r".*\.done(\..*)?"), "event.done"),
    (re.compile(r".*\.event\.line"), "event.lines"),
)
"""Rules whose violation a difference already tells, by the beginning of its class."""


def _contract(
    expected: RecordedExchange, got: RecordedExchange, shape: Shape, contract: ReplyContract, known: list[Drift]
) -> Iterator[Drift]:
    """Rules that the upstream breaks and the scenario does not."""
    ours, theirs = (judge(one.reply_body, shape=shape, contract=contract).findings for one in (expected, got))
    broken = {one.rule for one in ours}
    for finding in theirs:
        covered = any(
            rule.fullmatch(finding.rule) and (not kind or any(one.kind.startswith(kind) for one in known))
            for rule, kind in _COVERED
        )
        if finding.rule in broken or covered or finding.severity is not Severity.ERROR:
            continue
        broken.add(finding.rule)
        at = " ".join(one for one in (f"event {finding.event}:" if finding.event else "", finding.path) if one)
        yield Drift(
            kind="usage" if ".usage." in finding.rule else "contract",
            place=at or "body",
            expected=finding.rule,
            got=finding.message,
            dialect={"contract": {"forgives": [finding.rule]}},
        )
