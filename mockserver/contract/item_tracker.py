"""Validation of one output item from `output_item.added` to `output_item.done`.

The tracker takes the events of its item in turn and steps the state machine of its type. An event
that the machine does not allow is ignored afterwards, so that one mistake is reported once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from mockserver.contract import IllegalTransition, Machine
from mockserver.contract.invariants import UNFINISHED, may_stay_unfinished
from mockserver.contract.rules import finding
from mockserver.items import ItemRegistry, registry
from mockserver.items.events import BROKEN_OFF
from mockserver.items.spec import CLOSED, ITEM_DONE, OPEN, ItemSpec, StreamedText
from mockserver.model.findings import Finding
from mockserver.model.json import JSON, JSONObject, describe_value, json_difference, path_of, text_difference

PART_ADDED: Final = "content_part.added"

# What never changes between the added and the done item.
_CONSTANT: Final = ("id", "type", "role", "call_id", "name", "namespace", "server_label")


@cache
def item_machines(items: ItemRegistry) -> Mapping[str, Machine]:
    """The state machines of the items that have events, by type; `other` is that of any other.

    The word of a content part's start is followed by the type of the part."""
    found = {spec.type: _machine(spec.type, spec) for spec in items.typed if spec.grammar}
    return {**found, "other": _machine("other", items.spec(""))}


def _machine(name: str, spec: ItemSpec) -> Machine:
    return Machine(
        name=f"responses.{name}",
        rule=f"responses.{name}.order",
        start=OPEN,
        steps=spec.steps,
        early=BROKEN_OFF if spec.breaks_off else frozenset(),
    )


class ItemTracker:
    """`done` is the item as it was at its end, None before."""

    __slots__ = (
        "_added",
        "_counts",
        "_machine",
        "_part",
        "_parts",
        "_pieces",
        "_spec",
        "_state",
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
        self._spec = registry().spec(self.type)
        machines = item_machines(registry())
        self._machine = machines.get(self.type) or machines["other"]
        self._state = self._machine.start
        self._counts: Counter[str] = Counter()
        self._pieces: list[str] = []
        self._texts: list[str | None] = []  # the texts that the deltas make, in order
        self._part: str | None = None  # the type of the part opened last
        self._parts: dict[str, list[JSONObject]] = {member: [] for member in self._spec.parts.values()}

    @property
    def quirks(self) -> frozenset[str]:
        """The rules that the API was seen to break with items of this type."""
        return self._spec.quirks

    @property
    def closed(self) -> bool:
        return self._state == CLOSED

    def opened(self) -> Iterator[Finding]:
        for name, empty in self._spec.empty_values.items():
            if name in self._added and self._added[name] not in empty:
                yield _not_empty("responses.item.empty", f"item.{name}", self._added[name])
        status = self._added.get("status")
        demanded = self._spec.added_status == "demanded"
        if demanded and isinstance(status, str) and status != "in_progress":
            message = f"expected in_progress, got {describe_value(status)}"
            yield self._about("responses.item.status.added", "item.status", message)

    def take(self, word: str, data: JSONObject) -> Iterator[Finding]:
        if self.closed:
            yield finding("responses.item.closed", "type", f"{word} after the item was done")
            return
        if self.id is not None and "item_id" in data and data["item_id"] != self.id:
            message = f"expected {describe_value(self.id)}, got {describe_value(data['item_id'])}"
            yield finding("responses.item_id.same", "item_id", message)
        part = data.get("part")
        state = self._machine.step(self._state, _qualified(word, part))
        if isinstance(state, IllegalTransition):
            yield self._illegal(state)
            return
        self._state = state
        yield from self._count(word, data)
        spec = self._spec
        if word in spec.deltas:
            delta = data.get("delta")
            self._pieces.append(delta if isinstance(delta, str) else "")
        elif word in spec.ends:
            yield from self._text_done(spec.ends[word], data)
        elif word in spec.parts_opened and isinstance(part, dict):
            yield from self._part_added(part)
        elif word in spec.parts_ended and isinstance(part, dict):
            yield from self._part_done(part)
            self._parts[spec.parts_ended[word]].append(part)

    def finish(self, item: JSONObject) -> Iterator[Finding]:
        """Validate the done item and close the tracker, in whatever state it is."""
        if self.closed:
            yield finding("responses.item.closed", "type", "output_item.done a second time")
            return
        for name in _CONSTANT:
            if name in self._added and json_difference(item.get(name), self._added[name]) is not None:
                found, expected = describe_value(item.get(name)), describe_value(self._added[name])
                message = f"expected {expected} as it was added, got {found}"
                yield self._about("responses.item.same", f"item.{name}", message)
        reached, status = self._state, item.get("status")
        early = isinstance(status, str) and status in self._machine.early
        step = self._machine.step(self._state, ITEM_DONE)
        self._state = CLOSED
        self.done = item
        if isinstance(step, IllegalTransition) and not early:
            yield self._illegal(step)
            return
        if isinstance(status, str) and not (status in UNFINISHED and may_stay_unfinished(item)):
            yield from self._status_reached(reached, status)
        for member, parts in self._parts.items():
            yield from _same_parts(item.get(member), parts, member)
        for text in self._spec.texts:
            if text.path:
                yield from self._same_in_item(text, item)

    def _about(self, rule: str, path: str, message: str) -> Finding:
        return finding(rule, path, message, notice=rule in self.quirks)

    def _illegal(self, transition: IllegalTransition) -> Finding:
        return finding(transition.rule, "type", f"in item {describe_value(self.type)}: {transition.message}")

    def _count(self, word: str, data: JSONObject) -> Iterator[Finding]:
        event = self._spec.event_types.get(word)
        for index in event.indexes if event else ():
            expected = self._counts[index.member] - (0 if index.next else 1)
            found = data.get(index.member)
            if isinstance(found, int) and found != expected:
                message = f"expected {expected}, got {describe_value(found)}"
                yield finding(f"responses.{index.member}.order", index.member, message)
            if index.advances:
                self._counts[index.member] += 1
                if index.member in self._spec.restarts:
                    self._counts[self._spec.restarts[index.member]] = 0

    def _text_done(self, text: StreamedText, data: JSONObject) -> Iterator[Finding]:
        streamed, repeated = "".join(self._pieces), data.get(text.member)
        self._pieces.clear()
        self._texts.append(repeated if isinstance(repeated, str) else None)
        if isinstance(repeated, str) and repeated != streamed:
            yield finding(text.rule_id, text.member, f"{text_difference(repeated, streamed)} by the deltas")

    def _part_added(self, part: JSONObject) -> Iterator[Finding]:
        kind = part.get("type")
        self._part = kind if isinstance(kind, str) else None
        part_type = registry().part_types.get(self._part or "")
        for name, empty in part_type.empty.items() if part_type else ():
            if name in part and part[name] not in empty:
                yield _not_empty("responses.part.empty", f"part.{name}", part[name])

    def _part_done(self, part: JSONObject) -> Iterator[Finding]:
        if part.get("type") != self._part:
            message = f"expected {describe_value(self._part)}, got {describe_value(part.get('type'))}"
            yield finding("responses.part.same", "part.type", message)
            return
        part_type = registry().part_types.get(self._part or "")
        if part_type is not None:
            found = part.get(part_type.member)
            yield from _same_text(found, self._texts[-1:], part_type.rule_id, f"part.{part_type.member}")
        annotations = part.get("annotations")
        added = self._counts["annotation_index"]
        if isinstance(annotations, list) and self._part == "output_text" and len(annotations) != added:
            message = f"expected {added} as were added, got {len(annotations)}"
            yield finding("responses.annotations.same", "part.annotations", message)

    def _status_reached(self, reached: str, status: str) -> Iterator[Finding]:
        expected = reached if reached in ("completed", "failed") else None
        if status in UNFINISHED or (expected is not None and status != expected):
            message = f"expected {expected or 'a final status'}, got {describe_value(status)}"
            yield finding("responses.item.status.done", "item.status", message)

    def _same_in_item(self, text: StreamedText, item: JSONObject) -> Iterator[Finding]:
        found: JSON = item
        for name in text.path:
            found = found.get(name) if isinstance(found, dict) else None
        path = f"item.{'.'.join(text.path)}"
        if not text.listed:
            yield from _same_text(found, self._texts, text.rule_id, path)
        elif isinstance(found, list):
            difference = json_difference(found, [one or "" for one in self._texts])
            if difference is not None:
                yield finding(text.rule_id, path, difference.message)


def _qualified(word: str, part: JSON) -> str:
    """The word of the machine: the start of a content part with the type of the part, `other` where
    that is unknown."""
    if word != PART_ADDED:
        return word
    kind = part.get("type") if isinstance(part, dict) else None
    if not isinstance(kind, str):
        return word
    return f"{word} {kind if kind in registry().part_types else 'other'}"


def _same_text(found: JSON, streamed: list[str | None], rule: str, path: str) -> Iterator[Finding]:
    if isinstance(found, str) and streamed and streamed[0] is not None and found != streamed[0]:
        yield finding(rule, path, text_difference(found, streamed[0]))


def _same_parts(found: JSON, streamed: list[JSONObject], member: str) -> Iterator[Finding]:
    parts = found if isinstance(found, list) else []
    if len(parts) != len(streamed):
        message = f"expected {len(streamed)} parts as streamed, got {len(parts)}"
        yield finding("responses.part.same", f"item.{member}", message)
        return
    for index, (part, expected) in enumerate(zip(parts, streamed, strict=True)):
        difference = json_difference(part, expected)
        # The event that ends a part has no logprobs even where the item has them (observed since 2026-04).
        if difference is not None and expected.get("logprobs") == [] and difference.steps[:1] == ("logprobs",):
            difference = json_difference(part, expected, frozenset({"logprobs"}))
        if difference is not None:
            kind = expected.get("type")
            part_type = registry().part_types.get(kind) if isinstance(kind, str) else None
            of_text = part_type is not None and difference.steps == (part_type.member,)
            rule = part_type.rule_id if part_type and of_text else "responses.part.same"
            yield finding(rule, path_of(difference.steps, f"item.{member}[{index}]"), difference.message)


def _not_empty(rule: str, path: str, found: JSON) -> Finding:
    return finding(rule, path, f"expected empty, got {describe_value(found)}")
