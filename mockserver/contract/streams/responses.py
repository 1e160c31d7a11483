"""The walk through a Responses stream.

For each event, in this order: is it an object of a known type, has it its members, its number,
its place in the life of the stream, its place in its item. The first finding is so the one that
says most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from mockserver.contract.grammar.items import ALIASES, ITEM_ADDED, ITEM_DONE, ITEMS, PART_ADDED
from mockserver.contract.grammar.life import DONE, END, EXTRA, ITEM, LIFE
from mockserver.contract.grammar.machine import Refusal
from mockserver.contract.replies.contract import Demand, ReplyContract
from mockserver.contract.replies.remark import Findings, Remark
from mockserver.contract.replies.response_rules import (
    RUNNING,
    ended_remarks,
    running_remarks,
)
from mockserver.contract.replies.sameness import difference
from mockserver.contract.replies.shown import shown
from mockserver.contract.streams.final_output import output_remarks
from mockserver.contract.streams.item_track import ItemTrack
from mockserver.contract.streams.reading import is_done, line_as_demanded, object_of
from mockserver.core.event import Event
from mockserver.core.finding import Finding
from mockserver.core.jsontext import JSON, Object

_LIFE_WORDS: Final = frozenset(word for row in LIFE.steps.values() for word in row) - {
    ITEM,
    EXTRA,
    DONE,
    END,
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
    DONE: "done",
}

_SNAPSHOT_STATUSES: Final[Mapping[str, frozenset[str]]] = {
    "created": RUNNING,
    "queued": frozenset({"queued"}),
    "in_progress": frozenset({"in_progress"}),
}
_TERMINAL: Final = frozenset({"completed", "incomplete", "failed"})


def walk_responses(events: Sequence[Event], contract: ReplyContract) -> tuple[Finding, ...]:
    """Judge a whole Responses stream."""
    walk = _Walk(contract)
    for event in events:
        walk.take(event)
    walk.end()
    return walk.findings.all()


class _Walk:
    def __init__(self, contract: ReplyContract) -> None:
        self.findings = Findings(contract.forgives)
        self._tables = contract.tables
        self._form = contract.responses
        self._state = LIFE.start
        self._number = 0
        self._numbered = contract.responses.sequence is not Demand.FORBIDDEN
        self._constants: dict[str, JSON] = {}
        self._items: dict[int, ItemTrack] = {}
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
            message = f"found {shown(kind)}, the event's type would be right"
            self._add("responses.event.type", "type", message)
            self._sequence(data)
            return
        word = self._word(kind)
        if word is None:
            message = f"found {shown(kind)}, a documented event type would be right"
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
        self._live(END)
        if self._form.done is Demand.REQUIRED and ended in ("ended", "erred"):
            self._add("responses.done.missing", "", "the stream ended without [DONE]")

    def _add(self, rule: str, path: str, message: str) -> None:
        self.findings.add(rule, path, message, self._label)

    def _remarks(self, remarks: Iterator[Remark]) -> None:
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
            message = f"found event: {shown(event.name)}, {shown(kind)} as in type would be right"
            self._add("responses.event.name", "", message)

    def _sequence(self, data: Object) -> None:
        wanted = self._number
        found = data.get("sequence_number")
        if wanted == 0 and self._form.sequence is Demand.OPTIONAL:
            self._numbered = found is not None
        self._number = wanted + 1
        if not self._numbered:
            if found is not None:
                message = f"found {shown(found)}, no number as in the events before would be right"
                self._add("responses.sequence", "sequence_number", message)
        elif isinstance(found, bool) or found != wanted:
            message = f"found {shown(found)}, {shown(wanted)} would be right"
            self._add("responses.sequence", "sequence_number", message)
            if isinstance(found, int) and not isinstance(found, bool):
                self._number = found + 1

    def _marker(self) -> None:
        if self._live(DONE) and self._form.done is Demand.FORBIDDEN:
            message = "found [DONE], the end of the stream would be right"
            self._add("responses.done.forbidden", "", message)

    def _live(self, word: str) -> bool:
        """Step the life of the stream; whether what the event says is worth judging."""
        row = word if word in _LIFE_WORDS or word in (DONE, END) else _class_of(word)
        step = LIFE.step(self._state, row)
        if not isinstance(step, Refusal):
            self._state = step
            return True
        self._add(step.rule, "", step.message)
        if self._state == "start" and row not in (DONE, END):
            again = LIFE.step("running", row)
            self._state = "running" if isinstance(again, Refusal) else again
            return True
        if self._state not in ("ended", "done"):
            self._state = _RECOVERY.get(row, self._state)
        return False

    def _mean(self, word: str, data: Object) -> None:
        response = data.get("response")
        if word in _SNAPSHOT_STATUSES or word in _TERMINAL:
            if isinstance(response, dict):
                self._snapshot(word, response)
        elif word == "error":
            self._remarks(_error_shape(data))
        elif word in _ITEM_WORDS:
            self._item_event(word, data)

    def _snapshot(self, word: str, response: Object) -> None:
        for name in ("id", "created_at"):
            if name in response:
                first = self._constants.setdefault(name, response[name])
                if difference(response[name], first) is not None:
                    message = (
                        f"found {shown(response[name])}, {shown(first)} as before would be right"
                    )
                    self._add(f"responses.{name}.same", f"response.{name}", message)
        if word in _SNAPSHOT_STATUSES:
            self._remarks(running_remarks(response, _SNAPSHOT_STATUSES[word], "response."))
            return
        if isinstance(response.get("status"), str) and response["status"] != word:
            message = f"found {shown(response['status'])}, {word} would be right"
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
                    message = f"item {shown(index)}, {shown(track.type)}, was added and is not done"
                    self._add("responses.item.unclosed", "response.output", message)

    def _output(self, word: str, response: Object) -> None:
        told: list[JSON] = [
            track.done for _, track in sorted(self._items.items()) if track.done is not None
        ]
        unfinished = word != "failed" and self._open > 0
        self._remarks(output_remarks(response.get("output"), told, unfinished=unfinished))

    def _item_event(self, word: str, data: Object) -> None:
        index, item = data.get("output_index"), data.get("item")
        if not isinstance(index, int) or isinstance(index, bool):
            return
        if word == ITEM_ADDED:
            if isinstance(item, dict):
                self._item_added(index, item)
            return
        track = self._items.get(index)
        if track is None:
            message = f"found {word} at {shown(index)}, output_item.added before it would be right"
            self._add("responses.item.unopened", "output_index", message)
        elif word != ITEM_DONE:
            self._remarks(track.take(word, data))
        elif isinstance(item, dict):
            was_open = not track.closed
            self._remarks(track.finish(item))
            self._opened(track, -1 if was_open else 0)

    def _item_added(self, index: int, item: Object) -> None:
        wanted = len(self._items)
        track = ItemTrack(item)
        if index != wanted:
            message = f"found {shown(index)}, {wanted} would be right"
            self._add("responses.output_index.order", "output_index", message)
        alone = track.type not in self._form.overlap
        if self._open_alone or (alone and self._open):
            message = "an item is added while another is not done"
            self._add("responses.item.overlap", "output_index", message)
        if track.id is not None and track.id in self._ids:
            message = f"found {shown(track.id)} again, an id of its own would be right"
            self._add("responses.item.id", "item.id", message)
        self._ids.add(track.id or "")
        self._remarks(track.born())
        before = self._items.get(index)
        if before is not None and not before.closed:
            self._opened(before, -1)
        self._items[index] = track
        self._opened(track, 1)

    def _opened(self, track: ItemTrack, change: int) -> None:
        self._open += change
        if track.type not in self._form.overlap:
            self._open_alone += change


def _class_of(word: str) -> str:
    return ITEM if word in _ITEM_WORDS else EXTRA


def _error_shape(data: Object) -> Iterator[Remark]:
    nested = data.get("error")
    if not isinstance(nested, dict) and not isinstance(data.get("message"), str):
        message = "neither a message nor an error object, one of them would be right"
        yield Remark("responses.error.shape", "message", message)
