"""The walk through a Responses stream.

For each event, in this order: is it an object of a known type, has it its members, its number,
its place in the life of the stream, its place in its item. The first finding is so the one that
says most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from mockserver.contract.collector import FindingCollector, LocatedFinding
from mockserver.contract.event_reading import is_done, line_as_demanded, object_of
from mockserver.contract.grammar_items import ALIASES, ITEM_ADDED, ITEM_DONE, ITEMS, PART_ADDED
from mockserver.contract.grammar_streams import DONE_LIFE, END_LIFE, EXTRA, ITEM, LIFE
from mockserver.contract.invariants import RUNNING, ended_remarks, running_remarks
from mockserver.contract.item_tracker import ItemTracker
from mockserver.contract.item_words import PARTS
from mockserver.contract.json_diff import describe_value, json_difference, path_of
from mockserver.contract.machine import IllegalTransition
from mockserver.contract.reply_contract import ReplyContract, Requirement
from mockserver.model.events import Event
from mockserver.model.findings import Finding
from mockserver.model.json import JSON, JSONObject

_LIFE_WORDS: Final = frozenset(word for row in LIFE.steps.values() for word in row) - {
    ITEM,
    EXTRA,
    DONE_LIFE,
    END_LIFE,
}
_ITEM_WORDS: Final = frozenset(
    word.partition(" ")[0]
    for machine in ITEMS.values()
    for row in machine.steps.values()
    for word in row
) | {ITEM_ADDED, ITEM_DONE, PART_ADDED}
_EXTRA_WORDS: Final = frozenset(
    {"audio.delta", "audio.done", "audio.transcript.delta", "audio.transcript.done"}
)

# Where the walk goes on after a refused step, so that one mistake is told once.
_RECOVERY: Final[Mapping[str, str]] = {
    "completed": "ended",
    "incomplete": "ended",
    "failed": "ended",
    DONE_LIFE: "done",
}

_SNAPSHOT_STATUSES: Final[Mapping[str, frozenset[str]]] = {
    "created": RUNNING,
    "queued": frozenset({"queued"}),
    "in_progress": frozenset({"in_progress"}),
}
_TERMINAL: Final = frozenset({"completed", "incomplete", "failed"})


def walk_responses(events: Sequence[Event], contract: ReplyContract) -> tuple[Finding, ...]:
    """Judge a whole Responses stream."""
    walk = _StreamWalker(contract)
    for event in events:
        walk.take(event)
    walk.end()
    return walk.findings.all()


class _StreamWalker:
    def __init__(self, contract: ReplyContract) -> None:
        self.findings = FindingCollector(contract.forgives)
        self._tables = contract.tables
        self._form = contract.responses
        self._state = LIFE.start
        self._number = 0
        self._numbered = contract.responses.sequence is not Requirement.FORBIDDEN
        self._constants: dict[str, JSON] = {}
        self._items: dict[int, ItemTracker] = {}
        self._ids: set[str] = set()
        self._open = 0
        self._open_alone = 0  # those that may not be open beside others
        self._label: str | None = None

    def take(self, event: Event) -> None:
        self._label = event.label
        if is_done(event):
            self._marker()
            return
        data = object_of(event, "responses", self.findings)
        if data is None:
            self._number += 1
            return
        kind = data.get("type")
        if not isinstance(kind, str):
            message = f"found {describe_value(kind)}, the event's type would be right"
            self._add("responses.event.type", "type", message)
            self._sequence(data)
            return
        word = self._word(kind)
        if word is None:
            message = f"found {describe_value(kind)}, a documented event type would be right"
            self._add("responses.event.unknown", "type", message)
        self._name(event, kind)
        if f"event.{kind}" in self._tables.kinds:
            final = kind.endswith((".done", ".completed", ".incomplete", ".failed"))
            breaches = self._tables.check(data, f"event.{kind}", "", final=final)
            self.findings.breaches("responses", breaches, self._label)
        self._sequence(data)
        if word is not None and self._live(word):
            self._mean(word, data)

    def end(self) -> None:
        self._label = None
        ended = self._state
        self._live(END_LIFE)
        if self._form.done is Requirement.REQUIRED and ended in ("ended", "erred"):
            self._add("responses.done.missing", "", "the stream ended without [DONE]")

    def _add(self, rule: str, path: str, message: str) -> None:
        self.findings.add(rule, path, message, self._label)

    def _remarks(self, remarks: Iterator[LocatedFinding]) -> None:
        self.findings.remarks(remarks, self._label)

    def _word(self, kind: str) -> str | None:
        if kind in self._form.extra_events:
            return EXTRA
        word = "error" if kind == "error" else kind.removeprefix("response.")
        if word == kind and word != "error":
            return None
        word = ALIASES.get(word, word)
        known = word in _LIFE_WORDS or word in _ITEM_WORDS or word in _EXTRA_WORDS
        return word if known else None

    def _name(self, event: Event, kind: str) -> None:
        line_as_demanded(event, self._form.event_lines, "responses", self.findings)
        if event.name is not None and event.name != kind:
            message = f"found event: {describe_value(event.name)}, {describe_value(kind)} as in type would be right"
            self._add("responses.event.name", "", message)

    def _sequence(self, data: JSONObject) -> None:
        wanted = self._number
        found = data.get("sequence_number")
        if wanted == 0 and self._form.sequence is Requirement.OPTIONAL:
            self._numbered = found is not None
        self._number = wanted + 1
        if not self._numbered:
            if found is not None:
                message = f"found {describe_value(found)}, no number as in the events before would be right"
                self._add("responses.sequence", "sequence_number", message)
        elif isinstance(found, bool) or found != wanted:
            message = f"found {describe_value(found)}, {describe_value(wanted)} would be right"
            self._add("responses.sequence", "sequence_number", message)
            if isinstance(found, int) and not isinstance(found, bool):
                self._number = found + 1

    def _marker(self) -> None:
        if self._live(DONE_LIFE) and self._form.done is Requirement.FORBIDDEN:
            message = "found [DONE], the end of the stream would be right"
            self._add("responses.done.forbidden", "", message)

    def _live(self, word: str) -> bool:
        """Step the life of the stream; whether what the event says is worth judging."""
        row = word if word in _LIFE_WORDS or word in (DONE_LIFE, END_LIFE) else _class_of(word)
        step = LIFE.step(self._state, row)
        if not isinstance(step, IllegalTransition):
            self._state = step
            return True
        self._add(step.rule, "", step.message)
        if self._state == "start" and row not in (DONE_LIFE, END_LIFE):
            again = LIFE.step("running", row)
            self._state = "running" if isinstance(again, IllegalTransition) else again
            return True
        if self._state not in ("ended", "done"):
            self._state = _RECOVERY.get(row, self._state)
        return False

    def _mean(self, word: str, data: JSONObject) -> None:
        response = data.get("response")
        if word in _SNAPSHOT_STATUSES or word in _TERMINAL:
            if isinstance(response, dict):
                self._snapshot(word, response)
        elif word == "error":
            self._remarks(_error_shape(data))
        elif word in _ITEM_WORDS:
            self._item_event(word, data)

    def _snapshot(self, word: str, response: JSONObject) -> None:
        for name in ("id", "created_at"):
            if name in response:
                first = self._constants.setdefault(name, response[name])
                if json_difference(response[name], first) is not None:
                    message = f"found {describe_value(response[name])}, {describe_value(first)} as before would be right"
                    self._add(f"responses.{name}.same", f"response.{name}", message)
        if word in _SNAPSHOT_STATUSES:
            self._remarks(running_remarks(response, _SNAPSHOT_STATUSES[word], "response."))
            return
        if isinstance(response.get("status"), str) and response["status"] != word:
            message = f"found {describe_value(response['status'])}, {word} would be right"
            self._add("responses.terminal.status", "response.status", message)
        if word != "failed":
            self._all_closed()
        if word != "failed" or response.get("output") != []:
            self._output(word, response)
        self._remarks(ended_remarks(response, "response."))

    def _all_closed(self) -> None:
        if self._open:
            for index, track in self._items.items():
                if not track.closed:
                    message = f"item {describe_value(index)}, {describe_value(track.type)}, was added and is not done"
                    self._add("responses.item.unclosed", "response.output", message)

    def _output(self, word: str, response: JSONObject) -> None:
        told: list[JSON] = [
            track.done for _, track in sorted(self._items.items()) if track.done is not None
        ]
        unfinished = word != "failed" and self._open > 0
        self._remarks(output_remarks(response.get("output"), told, unfinished=unfinished))

    def _item_event(self, word: str, data: JSONObject) -> None:
        index, item = data.get("output_index"), data.get("item")
        if not isinstance(index, int) or isinstance(index, bool):
            return
        if word == ITEM_ADDED:
            if isinstance(item, dict):
                self._item_added(index, item)
            return
        track = self._items.get(index)
        if track is None:
            message = f"found {word} at {describe_value(index)}, output_item.added before it would be right"
            self._add("responses.item.unopened", "output_index", message)
        elif word != ITEM_DONE:
            self._remarks(track.take(word, data))
        elif isinstance(item, dict):
            was_open = not track.closed
            self._remarks(track.finish(item))
            self._opened(track, -1 if was_open else 0)

    def _item_added(self, index: int, item: JSONObject) -> None:
        wanted = len(self._items)
        track = ItemTracker(item)
        if index != wanted:
            message = f"found {describe_value(index)}, {wanted} would be right"
            self._add("responses.output_index.order", "output_index", message)
        alone = track.type not in self._form.overlap
        if self._open_alone or (alone and self._open):
            message = "an item is added while another is not done"
            self._add("responses.item.overlap", "output_index", message)
        if track.id is not None and track.id in self._ids:
            message = f"found {describe_value(track.id)} again, an id of its own would be right"
            self._add("responses.item.id", "item.id", message)
        self._ids.add(track.id or "")
        self._remarks(track.born())
        before = self._items.get(index)
        if before is not None and not before.closed:
            self._opened(before, -1)
        self._items[index] = track
        self._opened(track, 1)

    def _opened(self, track: ItemTracker, change: int) -> None:
        self._open += change
        if track.type not in self._form.overlap:
            self._open_alone += change


def _class_of(word: str) -> str:
    return ITEM if word in _ITEM_WORDS else EXTRA


def _error_shape(data: JSONObject) -> Iterator[LocatedFinding]:
    nested = data.get("error")
    if not isinstance(nested, dict) and not isinstance(data.get("message"), str):
        message = "neither a message nor an error object, one of them would be right"
        yield LocatedFinding("responses.error.shape", "message", message)


# Encryption may be done anew for the final response.
_MAY_DIFFER: Final = frozenset({"encrypted_content"})

# Members of an item with a rule of their own.
_TOLD: Final = frozenset({"arguments", "input", "code"})


def output_remarks(output: JSON, told: list[JSON], *, unfinished: bool) -> Iterator[LocatedFinding]:
    """Compare the output with the done items in order. Where items are `unfinished`, which has a
    rule of its own, their number is not compared."""
    if not isinstance(output, list):
        return
    if len(output) != len(told):
        if not unfinished:
            message = f"found {len(output)} items, the {len(told)} that are done would be right"
            yield LocatedFinding("responses.output.same", "response.output", message)
        return
    unlike = json_difference(output, told, _MAY_DIFFER)
    if unlike is not None:
        path = path_of(unlike.steps, "response.output")
        yield LocatedFinding(_rule_of(output, unlike.steps), path, unlike.message)


def _rule_of(output: list[JSON], steps: tuple[str | int, ...]) -> str:
    """The rule that speaks of the place where the output differs."""
    match steps:
        case (int(), str() as member) if member in _TOLD:
            return f"responses.{member}.same"
        case (int() as item, str() as parts, int() as part, str() as member):
            kind = _inside(_inside(_inside(_inside(output, item), parts), part), "type")
            form = PARTS.get(kind) if isinstance(kind, str) else None
            if form is not None and form.member == member:
                return form.rule
    return "responses.output.same"


def _inside(value: JSON, step: str | int) -> JSON:
    if isinstance(value, dict) and isinstance(step, str):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) else None
