"""The walk through a chat stream: its chunks, the choices in them, the tool calls in those."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mockserver.contract.grammar.chat import CHUNKS, DONE, END, FINISHED_END
from mockserver.contract.grammar.machine import Refusal
from mockserver.contract.replies.contract import (
    Demand,
    EmptyChunks,
    ReplyContract,
    UsagePlace,
)
from mockserver.contract.replies.remark import Findings
from mockserver.contract.replies.sameness import difference
from mockserver.contract.replies.shown import shown
from mockserver.contract.replies.usage_rules import CHAT_USAGE, usage_remarks
from mockserver.contract.streams.chat_choice import ChoiceTrack
from mockserver.contract.streams.reading import is_done, line_as_demanded, object_of
from mockserver.core.event import Event
from mockserver.core.finding import Finding
from mockserver.core.jsontext import JSON, Object

_CONSTANTS: Final = ("id", "created", "model")
_WITH_CHOICES: Final = ("open", "counted", "moderated")


def walk_chat(events: Sequence[Event], contract: ReplyContract) -> tuple[Finding, ...]:
    """Judge a whole chat stream."""
    walk = _Walk(contract)
    for event in events:
        walk.take(event)
    walk.end()
    return walk.findings.all()


class _Walk:
    def __init__(self, contract: ReplyContract) -> None:
        self.findings = Findings(contract.forgives)
        self._tables = contract.tables
        self._form = contract.chat
        self._state = CHUNKS.start
        self._constants: dict[str, JSON] = {}
        self._choices: dict[int, ChoiceTrack] = {}
        self._without_usage = 0  # chunks before the usage chunk that do not even say null
        self._usages = 0
        self._label: str | None = None

    def take(self, event: Event) -> None:
        self._label = event.label
        if is_done(event):
            self._done()
            return
        line_as_demanded(event, self._form.event_lines, "chat", self.findings)
        data = object_of(event, "chat", self.findings)
        if data is None:
            return
        if data.get("error") is not None:
            breaches = self._tables.check(data["error"], "error", "error", final=True)
            self.findings.breaches("error", breaches, self._label)
            self._step("error")
            return
        breaches = self._tables.check(data, "chat.chunk", "", final=True)
        self.findings.breaches("chat", breaches, self._label)
        word = self._word(data)
        if word is not None and self._step(word):
            self._same(data)
            self._usage(data, word)
            self._choices_of(data)

    def end(self) -> None:
        self._label = None
        finished = all(choice.finished for choice in self._choices.values())
        optional = self._form.done is not Demand.REQUIRED
        if not (finished and optional and self._state in _WITH_CHOICES):
            self._step(FINISHED_END if finished else END)
        wanted = len(self._choices) - 1
        if self._choices and max(self._choices) != wanted:
            message = (
                f"found choices up to {shown(max(self._choices))}, up to {wanted} would be right"
            )
            self._add("chat.choice.order", "choices", message)

    def _add(self, rule: str, path: str, message: str) -> None:
        self.findings.add(rule, path, message, self._label)

    def _step(self, word: str) -> bool:
        step = CHUNKS.step(self._state, word)
        if isinstance(step, Refusal):
            self._add(step.rule, "", step.message)
            return False
        self._state = step
        return True

    def _done(self) -> None:
        answering = self._state in _WITH_CHOICES
        if not self._step(DONE):
            return
        if self._form.done is Demand.FORBIDDEN:
            message = "found [DONE], the end of the stream would be right"
            self._add("chat.done.forbidden", "", message)
        for index, choice in self._choices.items() if answering else ():
            if not choice.finished:
                message = f"choice {shown(index)} has no finish_reason before [DONE]"
                self._add("chat.finish.missing", "", message)

    def _word(self, data: Object) -> str | None:
        """The word for a chunk; None for one that is to be passed over."""
        choices = data.get("choices")
        if not isinstance(choices, list):
            return None
        if choices:
            return "choices"
        for word in ("usage", "moderation"):
            if data.get(word) is not None:
                return word
        empty = self._form.empty_chunks
        first = empty is EmptyChunks.FIRST and self._state == CHUNKS.start
        return None if first or empty is EmptyChunks.ANYWHERE else "empty"

    def _same(self, data: Object) -> None:
        for name in _CONSTANTS:
            if name in data:
                first = self._constants.setdefault(name, data[name])
                if difference(data[name], first) is not None:
                    message = f"found {shown(data[name])}, {shown(first)} as before would be right"
                    self._add(f"chat.{name}.same", name, message)

    def _usage(self, data: Object, word: str) -> None:
        usage, said, form = data.get("usage"), "usage" in data, self._form
        if usage is None:
            self._without_usage += not said
            if said and form.usage_null is Demand.FORBIDDEN:
                self._add("chat.usage.null", "usage", "found null, no usage would be right")
            return
        self._usages += 1
        if self._usages > 1 and UsagePlace.EVERY not in form.usage_on:
            self._add("chat.usage.one", "usage", "found usage again, once would be right")
        elif not form.usage_on & _places(data, word):
            wanted = " or ".join(sorted(form.usage_on)) or "no"
            message = f"found usage on a chunk with {word}, on {wanted} chunk would be right"
            self._add("chat.usage.place", "usage", message)
        elif word == "usage" and form.usage_null is Demand.REQUIRED and self._without_usage:
            message = f"{self._without_usage} chunks before have no usage, null would be right"
            self._add("chat.usage.null", "usage", message)
        self.findings.remarks(usage_remarks(usage, CHAT_USAGE, "chat", "usage"), self._label)

    def _choices_of(self, data: Object) -> None:
        choices = data.get("choices")
        for place, choice in enumerate(choices if isinstance(choices, list) else []):
            index = choice.get("index") if isinstance(choice, dict) else None
            if isinstance(choice, dict) and isinstance(index, int):
                track = self._choices.setdefault(index, ChoiceTrack(self._form))
                self.findings.remarks(track.take(choice, f"choices[{place}]"), self._label)


def _places(data: Object, word: str) -> frozenset[UsagePlace]:
    """What a chunk is to usage: a place of its own, or where a choice finishes, or any other."""
    if word != "choices":
        return frozenset({UsagePlace.OWN, UsagePlace.EVERY})
    choices = data.get("choices")
    finishing = any(
        isinstance(choice, dict) and choice.get("finish_reason") is not None
        for choice in (choices if isinstance(choices, list) else [])
    )
    every = frozenset({UsagePlace.EVERY})
    return every | {UsagePlace.FINISH} if finishing else every
