"""Validation of a Responses stream.

For each event, in this order: is it an object of a known type, are its members valid, its number, its place in the life
cycle of the stream, its place in its item. The first finding is therefore the most informative one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from mockserver.contract import CONTRACT_DATE, IllegalTransition, Machine
from mockserver.contract.invariants import RUNNING, ended_findings, running_findings
from mockserver.contract.item_tracker import ItemTracker
from mockserver.contract.reply_contract import ReplyContract, Requirement
from mockserver.contract.rules import DONE, FindingCollector, check_event_line, event_object, finding, is_done
from mockserver.items import registry
from mockserver.items.spec import ITEM_DONE
from mockserver.model.findings import Finding
from mockserver.model.frames import Event
from mockserver.model.json import JSON, JSONObject, describe_value, json_difference, path_of

ITEM_ADDED: Final = "output_item.added"
END: Final = "end"
ITEM: Final = "item"
EXTRA: Final = "extra"
KEEPALIVE: Final = "keepalive"

_OVERLAP: Final = "responses.item.overlap"
_UNCLOSED: Final = "responses.item.unclosed"
_RUNNING: Final = ("start", "created", "queued", "unannounced", "running")

LIFE: Final = Machine(
    name="responses",
    rule="responses.life.order",
    start="start",
    steps={
        "start": {"created": "created"},
        "created": {
            "queued": "queued",
            "in_progress": "running",
            KEEPALIVE: "created",
            ITEM: "unannounced",
            EXTRA: "unannounced",
            "error": "erred",
            "failed": "ended",
        },
        "queued": {"in_progress": "running", KEEPALIVE: "queued", "error": "erred", "failed": "ended"},
        "unannounced": {
            ITEM: "unannounced",
            EXTRA: "unannounced",
            KEEPALIVE: "unannounced",
            "error": "erred",
            "failed": "ended",
        },
        "running": {
            KEEPALIVE: "running",
            ITEM: "running",
            EXTRA: "running",
            "error": "erred",
            "completed": "ended",
            "incomplete": "ended",
            "failed": "ended",
        },
        "erred": {"failed": "ended", DONE: "done", END: "over"},
        "ended": {"rate_limits.updated": "ended", DONE: "done", END: "over"},
        "done": {END: "over"},
        "over": {},
    },
    refused={
        ("start", "*"): "responses.created.first",
        **{(state, word): "responses.terminal.missing" for state in _RUNNING for word in (DONE, END)},
        **{
            (state, word): "responses.in_progress.missing"
            for state in ("created", "queued", "unannounced")
            for word in ("completed", "incomplete")
        },
        ("erred", "completed"): "responses.completed.after_error",
        ("erred", "*"): "responses.error.last",
        ("ended", "completed"): "responses.terminal.one",
        ("ended", "incomplete"): "responses.terminal.one",
        ("ended", "failed"): "responses.terminal.one",
        ("ended", "*"): "responses.terminal.last",
        ("done", "*"): "responses.done.last",
    },
    labels={ITEM: "an event of an item", EXTRA: "an event outside of items", END: "the end of the stream"},
)

_LIFE_WORDS: Final = frozenset(word for row in LIFE.steps.values() for word in row) - {ITEM, EXTRA, DONE, END}
_SNAPSHOTS: Final = frozenset({ITEM_ADDED, ITEM_DONE})
_EXTRA_WORDS: Final = frozenset(
    {
        *("audio.delta", "audio.done", "audio.transcript.delta", "audio.transcript.done"),
        *("steer.accepted", "steer.pending", "steer.failed"),
    }
)
# Events whose type has no `response.` in front.
_BARE: Final = frozenset({"error", KEEPALIVE})

# The state after an illegal transition, so that one mistake is reported once.
_STATE_AFTER: Final[Mapping[str, str]] = {"completed": "ended", "incomplete": "ended", "failed": "ended", DONE: "done"}

_SNAPSHOT_STATUSES: Final[Mapping[str, frozenset[str]]] = {
    "created": RUNNING,
    "queued": frozenset({"queued"}),
    "in_progress": frozenset({"in_progress"}),
}
_TERMINAL: Final = frozenset({"completed", "incomplete", "failed"})


def responses_stream_findings(events: Sequence[Event], contract: ReplyContract) -> tuple[Finding, ...]:
    walker = _StreamWalker(contract)
    for event in events:
        walker.take(event)
    walker.end()
    return walker.findings.all()


class _StreamWalker:
    def __init__(self, contract: ReplyContract) -> None:
        self.findings = FindingCollector(contract.ignored_rules)
        self._tables = contract.tables
        self._options = contract.responses
        self._state = LIFE.start
        self._number = 0
        self._numbered = contract.responses.sequence is not Requirement.FORBIDDEN
        self._constants: dict[str, JSON] = {}
        self._items: dict[int, ItemTracker] = {}
        self._ids: set[str] = set()
        self._open = 0
        self._open_alone = 0  # open items that may not overlap with others
        self._open_tolerated = 0  # open items with which the API was seen to break that rule
        self._label: str | None = None

    def take(self, event: Event) -> None:
        self._label = event.label
        if is_done(event):
            self._done()
            return
        data = event_object(event, "responses", self.findings)
        if data is None:
            self._number += 1
            return
        kind = data.get("type")
        if not isinstance(kind, str):
            self._add("responses.event.type", "type", f"expected the event's type, got {describe_value(kind)}")
            self._check_sequence(data)
            return
        word = self._word(kind)
        if word is None:
            message = f"{describe_value(kind)} is unknown to the contract of {CONTRACT_DATE}"
            self._add("responses.event.unknown", "type", message)
        self._check_name(event, kind)
        if f"event.{kind}" in self._tables.kinds:
            final = kind.endswith((".done", ".completed", ".incomplete", ".failed"))
            found = self._tables.check(data, f"event.{kind}", area="responses", final=final)
            self.findings.extend(
                (one for one in found if not (word in _TERMINAL and _is_absent_output(one))), self._label
            )
        self._check_sequence(data)
        if word is not None and self._step(word):
            self._check_content(word, data)

    def end(self) -> None:
        self._label = None
        ended = self._state
        self._step(END)
        if self._options.done is Requirement.REQUIRED and ended in ("ended", "erred"):
            self._add("responses.done.missing", "", "the stream ended without [DONE]")

    def _add(self, rule: str, path: str, message: str, *, notice: bool = False) -> None:
        self.findings.extend((finding(rule, path, message, notice=notice),), self._label)

    def _extend(self, findings: Iterator[Finding]) -> None:
        self.findings.extend(findings, self._label)

    def _word(self, kind: str) -> str | None:
        if kind in self._options.extra_events:
            return EXTRA
        word = kind.removeprefix("response.")
        if (word == kind) is not (word in _BARE):
            return None
        word = registry().aliases.get(word, word)
        known = word in _LIFE_WORDS or word in _EXTRA_WORDS or _is_item_word(word)
        return word if known else None

    def _check_name(self, event: Event, kind: str) -> None:
        check_event_line(event, self._options.event_lines, "responses", self.findings)
        if event.name is not None and event.name != kind:
            expected, got = describe_value(kind), describe_value(event.name)
            self._add("responses.event.name", "", f"expected {expected} as in type, got event: {got}")

    def _check_sequence(self, data: JSONObject) -> None:
        expected = self._number
        found = data.get("sequence_number")
        if expected == 0 and self._options.sequence is Requirement.OPTIONAL:
            self._numbered = found is not None
        self._number = expected + 1
        if not self._numbered:
            if found is not None:
                message = f"expected no number as in the events before, got {describe_value(found)}"
                self._add("responses.sequence", "sequence_number", message)
        elif isinstance(found, bool) or found != expected:
            message = f"expected {describe_value(expected)}, got {describe_value(found)}"
            self._add("responses.sequence", "sequence_number", message)
            if isinstance(found, int) and not isinstance(found, bool):
                self._number = found + 1

    def _done(self) -> None:
        if self._step(DONE) and self._options.done is Requirement.FORBIDDEN:
            self._add("responses.done.forbidden", "", "expected the end of the stream, got [DONE]")

    def _step(self, word: str) -> bool:
        """Step the life cycle; whether the content of the event is to be checked."""
        row = word if word in _LIFE_WORDS or word in (DONE, END) else ITEM if _is_item_word(word) else EXTRA
        step = LIFE.step(self._state, row)
        if not isinstance(step, IllegalTransition):
            self._state = step
            return True
        self._add(step.rule, "", step.message)
        if self._state == "start" and row not in (DONE, END):
            again = LIFE.step("running", row)
            self._state = "running" if isinstance(again, IllegalTransition) else again
            return True
        if self._state not in ("ended", "done"):
            self._state = _STATE_AFTER.get(row, self._state)
        return False

    def _check_content(self, word: str, data: JSONObject) -> None:
        response = data.get("response")
        if word in _SNAPSHOT_STATUSES or word in _TERMINAL:
            if isinstance(response, dict):
                self._snapshot(word, response)
        elif word == "error":
            self._extend(_error_shape(data))
        elif _is_item_word(word):
            self._item_event(word, data)

    def _snapshot(self, word: str, response: JSONObject) -> None:
        for name in ("id", "created_at"):
            if name in response:
                first = self._constants.setdefault(name, response[name])
                if json_difference(response[name], first) is not None:
                    expected, got = describe_value(first), describe_value(response[name])
                    self._add(f"responses.{name}.same", f"response.{name}", f"expected {expected} as before, got {got}")
        if word in _SNAPSHOT_STATUSES:
            self._extend(running_findings(response, _SNAPSHOT_STATUSES[word], "response."))
            return
        if isinstance(response.get("status"), str) and response["status"] != word:
            message = f"expected {word}, got {describe_value(response['status'])}"
            self._add("responses.terminal.status", "response.status", message)
        if word != "failed":
            self._all_closed()
        if word != "failed" or response.get("output") != []:
            self._output(word, response)
        self._extend(ended_findings(response, "response."))

    def _all_closed(self) -> None:
        if self._open:
            for index, track in self._items.items():
                if not track.closed:
                    place, kind = describe_value(index), describe_value(track.type)
                    message = f"item {place}, {kind}, was added and is not done"
                    self._add(_UNCLOSED, "response.output", message, notice=_UNCLOSED in track.quirks)

    def _output(self, word: str, response: JSONObject) -> None:
        done: list[JSON] = [track.done for _, track in sorted(self._items.items()) if track.done is not None]
        output = response.get("output", [])
        if output == [] and done:
            message = f"expected the {len(done)} that are done, got {'none' if 'output' in response else 'no member'}"
            self._add("responses.output.sparse", "response.output", message)
            return
        unfinished = word != "failed" and self._open > 0
        self._extend(output_findings(output, done, unfinished=unfinished))

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
            message = f"expected output_item.added before it, got {word} at {describe_value(index)}"
            self._add("responses.item.unopened", "output_index", message)
        elif word != ITEM_DONE:
            self._extend(track.take(word, data))
        elif isinstance(item, dict):
            was_open = not track.closed
            self._extend(track.finish(item))
            self._opened(track, -1 if was_open else 0)

    def _item_added(self, index: int, item: JSONObject) -> None:
        expected = len(self._items)
        track = ItemTracker(item)
        if index != expected:
            message = f"expected {expected}, got {describe_value(index)}"
            self._add("responses.output_index.order", "output_index", message)
        alone = track.type not in self._options.overlap
        if self._open_alone or (alone and self._open):
            message = "an item is added while another is not done"
            self._add(_OVERLAP, "output_index", message, notice=self._open == self._open_tolerated)
        if track.id is not None and track.id in self._ids:
            message = f"expected an id of its own, got {describe_value(track.id)} again"
            self._add("responses.item.id", "item.id", message)
        self._ids.add(track.id or "")
        self._extend(track.opened())
        before = self._items.get(index)
        if before is not None and not before.closed:
            self._opened(before, -1)
        self._items[index] = track
        self._opened(track, 1)

    def _opened(self, track: ItemTracker, change: int) -> None:
        self._open += change
        if track.type not in self._options.overlap:
            self._open_alone += change
        if _OVERLAP in track.quirks:
            self._open_tolerated += change


def _is_item_word(word: str) -> bool:
    return word in _SNAPSHOTS or word in registry().event_types


def _error_shape(data: JSONObject) -> Iterator[Finding]:
    nested = data.get("error")
    if not isinstance(nested, dict) and not isinstance(data.get("message"), str):
        yield finding("responses.error.shape", "message", "expected a message or an error object, got neither")


def _is_absent_output(found: Finding) -> bool:
    """Whether a response has no `output`; a terminal one may leave out what was sent before."""
    return found.rule == "responses.schema.required" and found.path == "response.output"


def output_findings(output: JSON, done: list[JSON], *, unfinished: bool) -> Iterator[Finding]:
    """Compare the output with the done items in order. With `unfinished` items, for which there
    is another rule, their number is not compared."""
    if not isinstance(output, list):
        return
    if len(output) != len(done):
        if not unfinished:
            message = f"expected the {len(done)} that are done, got {len(output)} items"
            yield finding("responses.output.same", "response.output", message)
        return
    difference = json_difference(output, done, registry().opaque)
    if difference is not None:
        path = path_of(difference.steps, "response.output")
        yield finding(_rule_of(output, difference.steps), path, difference.message)


def _rule_of(output: list[JSON], steps: tuple[str | int, ...]) -> str:
    match steps:
        case (int(), str() as member) if member in registry().text_rules:
            return registry().text_rules[member]
        case (int() as item, str() as parts, int() as part, str() as member):
            kind = _child(_child(_child(_child(output, item), parts), part), "type")
            form = registry().part_types.get(kind) if isinstance(kind, str) else None
            if form is not None and form.member == member:
                return form.rule_id
    return "responses.output.same"


def _child(value: JSON, step: str | int) -> JSON:
    if isinstance(value, dict) and isinstance(step, str):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) else None
