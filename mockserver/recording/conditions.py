"""Conditions of stubs derived from recorded requests: the least that tell each from every other, and their order.

Requests that are the same become one stub with a sequence of replies. Where one request has all that another has and
more, its stub comes first."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from mockserver.model.call import Call
from mockserver.model.conditions import Condition, text_reader
from mockserver.model.json import JSON, JSONObject, write
from mockserver.recording.exchange import RecordedExchange
from mockserver.recording.replies import wants_stream
from mockserver.scenario.load import load_conditions


@dataclass(slots=True)
class Group:
    """Exchanges with one request, and the conditions that have been found for it."""

    exchanges: list[RecordedExchange]
    when: JSONObject = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()

    @property
    def call(self) -> Call:
        return self.exchanges[0].call

    def require(self, when: JSONObject) -> None:
        """Add conditions, in place of those of the same names."""
        self.when = self.when | when
        self.conditions = load_conditions(self.when, "recorded")


def groups_of(exchanges: Sequence[RecordedExchange], placeholder: re.Pattern[str]) -> list[Group]:
    """The exchanges by request, in the order in which their stubs are tried. `placeholder` matches what stands for
    something redacted, which a request may have in its own words."""
    found: dict[tuple[str, ...], Group] = {}
    for exchange in exchanges:
        streams = f"stream {wants_stream(exchange)}"
        asked = streams if exchange.body is None else json.dumps(_equal(exchange.body), sort_keys=True)
        key = (exchange.call.endpoint.value, placeholder.sub("", asked))
        found.setdefault(key, Group([])).exchanges.append(exchange)
    similar: dict[tuple[str, str], list[Group]] = defaultdict(list)
    # Of a reply that was recorded alone nobody knows what it answers.
    asked_for = [group for group in found.values() if group.exchanges[0].body is not None]
    alone = [group for group in found.values() if group.exchanges[0].body is None]
    for group in alone:
        group.require({"stream": wants_stream(group.exchanges[0])})
    for group in asked_for:
        group.require(_basis(group))
        # A stub without a model has to be told from those of every model.
        model = group.when.get("model") if all(one.call.model for one in asked_for) else None
        similar[group.call.endpoint.value, placeholder.sub("", write([model, group.when["stream"]]))].append(group)
    groups = [group for alike in similar.values() for group in _told_apart(alike)]
    ranks: dict[int, bool] = {}
    for group in groups:
        opened = {name: _open(value, placeholder) for name, value in group.when.items()}
        # What matches texts of several kinds comes behind what matches one.
        ranks[id(group)] = opened != group.when
        group.when = opened
    return [*sorted(groups, key=lambda group: ranks[id(group)]), *alone]


def _equal(value: JSON) -> JSON:
    """A value in which numbers that are equal are the same."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_equal(one) for one in value]
        case dict():
            return {name: _equal(one) for name, one in value.items()}
        case _:
            return value


def _basis(group: Group) -> JSONObject:
    """Model, the last user text or else the tool result that came after it, and whether a stream is asked for."""
    call, conversation = group.call, group.call.conversation
    when: JSONObject = {}
    if call.model is not None:
        when["model"] = call.model
    results = conversation.new_tool_results
    if results:
        last = results[-1]
        named: JSONObject = {} if last.of is None else {"of": last.of}
        when["tool_result"] = named | {"text": last.text}
    elif conversation.user is not None:
        when["user"] = conversation.user
    when["stream"] = wants_stream(group.exchanges[0])
    return when


# --- what tells requests apart, the most readable first ---


def _text(name: str) -> Callable[[Call], JSON]:
    read = text_reader(name)

    def first(call: Call) -> JSON:
        texts = read(call)
        return texts[0] if texts else False

    return first


def _call_ids(call: Call) -> JSON:
    results = call.conversation.new_tool_results
    if not results:
        return False
    last = results[-1]
    members = {"of": last.of, "call_id": last.call_id, "text": last.text}
    return {name: value for name, value in members.items() if value is not None}


_TELLING: Final[Mapping[str, Callable[[Call], JSON]]] = {
    "model": _text("model"),
    "turn": lambda call: call.conversation.turn,
    "previous_response": _text("previous_response"),
    "tool_result": _call_ids,
    "user": _text("user"),
    "compaction_trigger": lambda call: bool(text_reader("compaction_trigger")(call)),
    "tool_choice": _text("tool_choice"),
    "system": _text("system"),
}


def _told_apart(groups: list[Group]) -> Iterator[Group]:
    """The groups with the conditions that they need, those whose requests have more before those that have less."""
    behind: dict[int, set[int]] = {place: set() for place in range(len(groups))}
    for place, group in enumerate(groups):
        for number, other in enumerate(groups):
            if number != place and not _tell_apart(group, other):
                behind[place].add(number)
    while behind:
        ready = next((one for one, others in behind.items() if not others & behind.keys()), next(iter(behind)))
        del behind[ready]
        yield groups[ready]


def _tell_apart(group: Group, other: Group) -> bool:
    """Give a group conditions that do not hold for the request of another; False where no condition can."""
    if any(condition.mismatches(other.call) for condition in group.conditions):
        return True
    for name, read in _TELLING.items():
        value = read(group.call)
        if value != read(other.call) and _excludes({name: value}, other.call):
            group.require({name: value})
            return True
    for name, value in group.call.body.items():
        if _excludes({"body": {name: value}}, other.call):
            members = group.when.get("body", {})
            assert isinstance(members, dict)  # noqa: S101  # made here
            group.require({"body": members | {name: value}})
            return True
    return False


def _excludes(when: JSONObject, call: Call) -> bool:
    return any(condition.mismatches(call) for condition in load_conditions(when, "recorded"))


def _open(value: JSON, placeholder: re.Pattern[str]) -> JSON:
    """A value in which placeholders match any text, so that the request matches with its own words too."""
    match value:
        case str() if placeholder.search(value):
            return {"matches": rf"(?s)\A{'.+'.join(map(re.escape, placeholder.split(value)))}\Z"}
        case list():
            return [_open(one, placeholder) for one in value]
        case dict():
            return {name: _open(one, placeholder) for name, one in value.items()}
        case _:
            return value
