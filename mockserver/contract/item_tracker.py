"""One output item on its way from added to done.

A track takes the events of its item in turn, steps the machine of its type and yields findings.
What a refused step would have meant is passed over, so that one mistake is told once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from mockserver.contract.collector import finding
from mockserver.contract.grammar_items import CLOSED, ITEM_DONE, ITEMS, OTHER, PART_ADDED, PART_DONE
from mockserver.contract.invariants import UNFINISHED
from mockserver.contract.item_words import (
    BORN_RUNNING,
    COUNTS,
    DELTAS,
    EMPTY_ITEMS,
    KEPT,
    PARTS,
    TELLINGS,
    TOLD,
    RepeatedText,
)
from mockserver.contract.json_diff import describe_value, json_difference, path_of, text_difference
from mockserver.contract.machine import IllegalTransition
from mockserver.model.findings import Finding
from mockserver.model.json import JSON, JSONObject

_SUMMARY_ADDED: Final = "reasoning_summary_part.added"
_SUMMARY_DONE: Final = "reasoning_summary_part.done"


class ItemTracker:
    """`done` is the item as it was at its end, None before."""

    __slots__ = (
        "_added",
        "_counts",
        "_machine",
        "_part",
        "_parts",
        "_pieces",
        "_state",
        "_summaries",
        "_texts",
        "done",
        "id",
        "type",
    )

    def __init__(self, item: JSONObject) -> None:
        self._added = item
        kind, name = item.get("type"), item.get("id")
        self.type = kind if isinstance(kind, str) else ""
        self.id = name if isinstance(name, str) else None
        self.done: JSONObject | None = None
        self._machine = ITEMS.get(self.type, OTHER)
        self._state = self._machine.start
        self._counts: Counter[str] = Counter()
        self._pieces: list[str] = []
        self._texts: list[str | None] = []  # the texts told in deltas, in order
        self._part: str | None = None  # the type of the part begun last
        self._parts: list[JSONObject] = []
        self._summaries: list[JSONObject] = []

    @property
    def closed(self) -> bool:
        """Whether output_item.done has come."""
        return self._state == CLOSED

    def born(self) -> Iterator[Finding]:
        """Judge the item as it was added."""
        for name, empties in EMPTY_ITEMS.get(self.type, {}).items():
            if name in self._added and self._added[name] not in empties:
                yield _not_empty("responses.item.empty", f"item.{name}", self._added[name])
        status = self._added.get("status")
        if self.type in BORN_RUNNING and isinstance(status, str) and status != "in_progress":
            message = f"expected in_progress, got {describe_value(status)}"
            yield finding("responses.item.status.added", "item.status", message)

    def take(self, word: str, data: JSONObject) -> Iterator[Finding]:
        """Judge one event between added and done."""
        if self.closed:
            message = f"{word} after the item was done"
            yield finding("responses.item.closed", "type", message)
            return
        if self.id is not None and "item_id" in data and data["item_id"] != self.id:
            message = f"expected {describe_value(self.id)}, got {describe_value(data['item_id'])}"
            yield finding("responses.item_id.same", "item_id", message)
        part = data.get("part")
        state = self._machine.step(self._state, _qualified(word, part))
        if isinstance(state, IllegalTransition):
            yield self._refused(state)
            return
        self._state = state
        yield from self._count(word, data)
        if word in DELTAS:
            delta = data.get("delta")
            self._pieces.append(delta if isinstance(delta, str) else "")
        elif word in TELLINGS:
            yield from self._told(TELLINGS[word], data)
        elif word in (PART_ADDED, _SUMMARY_ADDED) and isinstance(part, dict):
            yield from self._part_added(part)
        elif word in (PART_DONE, _SUMMARY_DONE) and isinstance(part, dict):
            yield from self._part_done(part)
            (self._parts if word == PART_DONE else self._summaries).append(part)

    def finish(self, item: JSONObject) -> Iterator[Finding]:
        """Judge the done item and close the track, in whatever state it is."""
        if self.closed:
            yield finding("responses.item.closed", "type", "output_item.done a second time")
            return
        for name in KEPT:
            if (
                name in self._added
                and json_difference(item.get(name), self._added[name]) is not None
            ):
                found, wanted = describe_value(item.get(name)), describe_value(self._added[name])
                message = f"expected {wanted} as it was added, got {found}"
                yield finding("responses.item.same", f"item.{name}", message)
        reached, status = self._state, item.get("status")
        early = isinstance(status, str) and status in self._machine.early
        step = self._machine.step(self._state, ITEM_DONE)
        self._state = CLOSED
        self.done = item
        if isinstance(step, IllegalTransition) and not early:
            yield self._refused(step)
            return
        if isinstance(status, str):
            yield from self._status_reached(reached, status)
        yield from self._repeated(item)

    def _refused(self, refusal: IllegalTransition) -> Finding:
        return finding(
            refusal.rule, "type", f"in item {describe_value(self.type)}: {refusal.message}"
        )

    def _count(self, word: str, data: JSONObject) -> Iterator[Finding]:
        for counted in COUNTS.get(word, ()):
            wanted = self._counts[counted.member] - (0 if counted.fresh else 1)
            found = data.get(counted.member)
            if isinstance(found, int) and found != wanted:
                message = f"expected {wanted}, got {describe_value(found)}"
                yield finding(counted.rule, counted.member, message)
            if counted.advances:
                self._counts[counted.member] += 1
            if counted.restarts is not None:
                self._counts[counted.restarts] = 0

    def _told(self, telling: RepeatedText, data: JSONObject) -> Iterator[Finding]:
        told, repeated = "".join(self._pieces), data.get(telling.member)
        self._pieces.clear()
        self._texts.append(repeated if isinstance(repeated, str) else None)
        if isinstance(repeated, str) and repeated != told:
            message = f"{text_difference(repeated, told)} by the deltas"
            yield finding(telling.rule, telling.member, message)

    def _part_added(self, part: JSONObject) -> Iterator[Finding]:
        kind = part.get("type")
        self._part = kind if isinstance(kind, str) else None
        form = PARTS.get(self._part or "")
        for name, empties in form.empty.items() if form else ():
            if name in part and part[name] not in empties:
                yield _not_empty("responses.part.empty", f"part.{name}", part[name])

    def _part_done(self, part: JSONObject) -> Iterator[Finding]:
        if part.get("type") != self._part:
            message = (
                f"expected {describe_value(self._part)}, got {describe_value(part.get('type'))}"
            )
            yield finding("responses.part.same", "part.type", message)
            return
        form = PARTS.get(self._part or "")
        if form is not None:
            yield from _same_text(
                part.get(form.member), self._texts[-1:], form.rule, f"part.{form.member}"
            )
        annotations = part.get("annotations")
        added = self._counts["annotation_index"]
        if (
            self._part == "output_text"
            and isinstance(annotations, list)
            and len(annotations) != added
        ):
            message = f"expected {added} as were added, got {len(annotations)}"
            yield finding("responses.annotations.same", "part.annotations", message)

    def _status_reached(self, reached: str, status: str) -> Iterator[Finding]:
        wanted = reached if reached in ("completed", "failed") else None
        if status in UNFINISHED or (wanted is not None and status != wanted):
            message = f"expected {wanted or 'a final status'}, got {describe_value(status)}"
            yield finding("responses.item.status.done", "item.status", message)

    def _repeated(self, item: JSONObject) -> Iterator[Finding]:
        """Compare the done item with what its events told."""
        if self.type in ("message", "reasoning"):
            yield from _same_parts(item.get("content"), self._parts, "content")
        if self.type == "reasoning":
            yield from _same_parts(item.get("summary"), self._summaries, "summary")
        if self.type == "shell_call":
            yield from self._same_commands(item.get("action"))
        if self.type in TOLD and self._texts:
            holder, names = item, TOLD[self.type]
            for name in names[:-1]:
                inner = holder.get(name)
                holder = inner if isinstance(inner, dict) else {}
            rule = f"responses.{names[-1]}.same"
            yield from _same_text(
                holder.get(names[-1]), self._texts, rule, f"item.{'.'.join(names)}"
            )

    def _same_commands(self, action: JSON) -> Iterator[Finding]:
        commands = action.get("commands") if isinstance(action, dict) else None
        if isinstance(commands, list):
            found = json_difference(commands, [text or "" for text in self._texts])
            if found is not None:
                yield finding("responses.command.same", "item.action.commands", found.message)


def _qualified(word: str, part: JSON) -> str:
    """The word of the machine: the start of a content part says of which type it is."""
    if word != PART_ADDED:
        return word
    kind = part.get("type") if isinstance(part, dict) else None
    return f"{word} {kind}" if isinstance(kind, str) else word


def _same_text(found: JSON, told: list[str | None], rule: str, path: str) -> Iterator[Finding]:
    if isinstance(found, str) and told and told[0] is not None and found != told[0]:
        yield finding(rule, path, text_difference(found, told[0]))


def _same_parts(found: JSON, told: list[JSONObject], member: str) -> Iterator[Finding]:
    parts = found if isinstance(found, list) else []
    if len(parts) != len(told):
        message = f"expected {len(told)} as were told, got {len(parts)}"
        yield finding("responses.part.same", f"item.{member}", message)
        return
    for index, (part, wanted) in enumerate(zip(parts, told, strict=True)):
        unlike = json_difference(part, wanted)
        if unlike is not None:
            kind = wanted.get("type")
            form = PARTS.get(kind) if isinstance(kind, str) else None
            of_text = form is not None and unlike.steps == (form.member,)
            rule = form.rule if form is not None and of_text else "responses.part.same"
            path = path_of(unlike.steps, f"item.{member}[{index}]")
            yield finding(rule, path, unlike.message)


def _not_empty(rule: str, path: str, found: JSON) -> Finding:
    return finding(rule, path, f"expected empty, got {describe_value(found)}")
