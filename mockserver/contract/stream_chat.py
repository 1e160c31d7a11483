"""One choice of a chat stream: its role, its tool calls, its finish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mockserver.contract.collector import FindingCollector, LocatedFinding
from mockserver.contract.event_reading import is_done, line_as_demanded, object_of
from mockserver.contract.grammar_streams import CHOICE, CHUNKS, DONE, END, FINISHED_END
from mockserver.contract.invariants import CHAT_USAGE, reason_without, usage_remarks
from mockserver.contract.json_diff import describe_value, json_difference, member_path
from mockserver.contract.machine import IllegalTransition
from mockserver.contract.reply_contract import (
    ChatForm,
    EmptyChunks,
    ReplyContract,
    Requirement,
    UsagePlace,
)
from mockserver.model.events import Event
from mockserver.model.findings import Finding
from mockserver.model.json import JSON, JSONObject

_AFTER: Final = {"first": "open", "middle": "open", "finish": "finished"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Identity:
    """What the fragments of a tool call say it is, None for what they do not say."""

    id: str | None
    type: str | None
    name: str | None


class ChoiceTrack:
    """The chunks of one choice in turn; a refused step is passed over, so that it is told once."""

    __slots__ = ("_form", "_ids", "_said", "_state", "_tools")

    def __init__(self, form: ChatForm) -> None:
        self._form = form
        self._state = CHOICE.start
        self._said: set[str] = set()
        self._tools: list[_Identity] = []
        self._ids: set[str] = set()

    @property
    def finished(self) -> bool:
        """Whether a finish_reason has come."""
        return self._state == "finished"

    def take(self, choice: JSONObject, path: str) -> Iterator[LocatedFinding]:
        """Judge one entry of a chunk's choices, to which `path` leads."""
        found, reason = choice.get("delta"), choice.get("finish_reason")
        delta = found if isinstance(found, dict) else {}
        role = delta.get("role") is not None
        if self._state == "open" and self._form.role_again is not Requirement.FORBIDDEN:
            if not role and self._form.role_again is Requirement.REQUIRED:
                yield LocatedFinding(
                    "chat.role.once", f"{path}.delta.role", "missing, as in the first chunk"
                )
            role = False
        words = [word for word, said in (("first", role), ("finish", reason is not None)) if said]
        for word in words or ["middle"]:
            step = CHOICE.step(self._state, word)
            if isinstance(step, IllegalTransition):
                yield _refused(step, word, path)
                if self._state == "finished":
                    return
                step = _AFTER[word]
            self._state = step
        self._said.update(name for name, value in delta.items() if value)
        fragments = delta.get("tool_calls")
        for number, fragment in enumerate(fragments if isinstance(fragments, list) else []):
            if isinstance(fragment, dict):
                yield from self._fragment(fragment, f"{path}.delta.tool_calls[{number}]")
        if reason is not None:
            said = [name for name, value in delta.items() if value and (name != "role" or role)]
            if said:
                names = ", ".join(member_path("", name) for name in said[:5])
                message = f"found {names}, an empty delta would be right"
                yield LocatedFinding("chat.finish.empty", f"{path}.delta", message)
            yield from reason_without(reason, self._said, f"{path}.finish_reason")

    def _fragment(self, fragment: JSONObject, path: str) -> Iterator[LocatedFinding]:
        index = fragment.get("index")
        if not isinstance(index, int):
            return
        place, identity = index - self._form.tools_from, _identity(fragment)
        last = len(self._tools) - 1
        if place > last + 1 or place < 0:
            message = (
                f"found {describe_value(index)}, {last + 1 + self._form.tools_from} would be right"
            )
            yield LocatedFinding("chat.tool.order", f"{path}.index", message)
        elif place > last:
            yield from self._begun(identity, path)
        elif place < last:
            message = f"found {describe_value(index)} again, after the call behind it had begun"
            yield LocatedFinding("chat.tool.sequence", f"{path}.index", message)
        else:
            yield from self._continued(identity, path)

    def _begun(self, identity: _Identity, path: str) -> Iterator[LocatedFinding]:
        self._tools.append(identity)
        for name in ("id", "type", "name"):
            if getattr(identity, name) is None:
                message = f"the first fragment of a tool call has no {name}"
                yield LocatedFinding("chat.tool.first", path, message)
        if identity.id is not None:
            if identity.id in self._ids:
                message = (
                    f"found {describe_value(identity.id)} again, an id of its own would be right"
                )
                yield LocatedFinding("chat.tool.id", f"{path}.id", message)
            self._ids.add(identity.id)

    def _continued(self, identity: _Identity, path: str) -> Iterator[LocatedFinding]:
        if self._form.tool_identity is Requirement.REQUIRED and identity.id is None:
            yield LocatedFinding("chat.tool.later", path, "no id, as in the first fragment")
            return
        first = self._tools[-1]
        for name in ("id", "type", "name"):
            value = getattr(identity, name)
            again = self._form.tool_identity is not Requirement.FORBIDDEN and value == getattr(
                first, name
            )
            if value is not None and not again:
                message = f"a later fragment of a tool call has {name} {describe_value(value)}"
                yield LocatedFinding("chat.tool.later", path, message)


def _identity(fragment: JSONObject) -> _Identity:
    function, custom = fragment.get("function"), fragment.get("custom")
    holder = function if isinstance(function, dict) else custom
    return _Identity(
        id=_text(fragment.get("id")),
        type=_text(fragment.get("type")),
        name=_text(holder.get("name")) if isinstance(holder, dict) else None,
    )


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) else None


def _refused(step: IllegalTransition, word: str, path: str) -> LocatedFinding:
    where = f"{path}.finish_reason" if word == "finish" else f"{path}.delta"
    return LocatedFinding(step.rule, where, step.message)


_CONSTANTS: Final = ("id", "created", "model")
_WITH_CHOICES: Final = ("open", "counted", "moderated")


def walk_chat(events: Sequence[Event], contract: ReplyContract) -> tuple[Finding, ...]:
    """Judge a whole chat stream."""
    walk = _ChatStreamWalker(contract)
    for event in events:
        walk.take(event)
    walk.end()
    return walk.findings.all()


class _ChatStreamWalker:
    def __init__(self, contract: ReplyContract) -> None:
        self.findings = FindingCollector(contract.forgives)
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
        optional = self._form.done is not Requirement.REQUIRED
        if not (finished and optional and self._state in _WITH_CHOICES):
            self._step(FINISHED_END if finished else END)
        wanted = len(self._choices) - 1
        if self._choices and max(self._choices) != wanted:
            message = f"found choices up to {describe_value(max(self._choices))}, up to {wanted} would be right"
            self._add("chat.choice.order", "choices", message)

    def _add(self, rule: str, path: str, message: str) -> None:
        self.findings.add(rule, path, message, self._label)

    def _step(self, word: str) -> bool:
        step = CHUNKS.step(self._state, word)
        if isinstance(step, IllegalTransition):
            self._add(step.rule, "", step.message)
            return False
        self._state = step
        return True

    def _done(self) -> None:
        answering = self._state in _WITH_CHOICES
        if not self._step(DONE):
            return
        if self._form.done is Requirement.FORBIDDEN:
            message = "found [DONE], the end of the stream would be right"
            self._add("chat.done.forbidden", "", message)
        for index, choice in self._choices.items() if answering else ():
            if not choice.finished:
                message = f"choice {describe_value(index)} has no finish_reason before [DONE]"
                self._add("chat.finish.missing", "", message)

    def _word(self, data: JSONObject) -> str | None:
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

    def _same(self, data: JSONObject) -> None:
        for name in _CONSTANTS:
            if name in data:
                first = self._constants.setdefault(name, data[name])
                if json_difference(data[name], first) is not None:
                    message = f"found {describe_value(data[name])}, {describe_value(first)} as before would be right"
                    self._add(f"chat.{name}.same", name, message)

    def _usage(self, data: JSONObject, word: str) -> None:
        usage, said, form = data.get("usage"), "usage" in data, self._form
        if usage is None:
            self._without_usage += not said
            if said and form.usage_null is Requirement.FORBIDDEN:
                self._add("chat.usage.null", "usage", "found null, no usage would be right")
            return
        self._usages += 1
        if self._usages > 1 and UsagePlace.EVERY not in form.usage_on:
            self._add("chat.usage.one", "usage", "found usage again, once would be right")
        elif not form.usage_on & _places(data, word):
            wanted = " or ".join(sorted(form.usage_on)) or "no"
            message = f"found usage on a chunk with {word}, on {wanted} chunk would be right"
            self._add("chat.usage.place", "usage", message)
        elif word == "usage" and form.usage_null is Requirement.REQUIRED and self._without_usage:
            message = f"{self._without_usage} chunks before have no usage, null would be right"
            self._add("chat.usage.null", "usage", message)
        self.findings.remarks(usage_remarks(usage, CHAT_USAGE, "chat", "usage"), self._label)

    def _choices_of(self, data: JSONObject) -> None:
        choices = data.get("choices")
        for place, choice in enumerate(choices if isinstance(choices, list) else []):
            index = choice.get("index") if isinstance(choice, dict) else None
            if isinstance(choice, dict) and isinstance(index, int):
                track = self._choices.setdefault(index, ChoiceTrack(self._form))
                self.findings.remarks(track.take(choice, f"choices[{place}]"), self._label)


def _places(data: JSONObject, word: str) -> frozenset[UsagePlace]:
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
