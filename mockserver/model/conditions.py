"""Conditions of a stub, and the mismatches they find in a call.

A condition computes the list of what differs; it holds when that list is empty, so a report
costs nothing extra. Conditions look at the call alone and keep no state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from mockserver.model.call import Call
from mockserver.model.conversation import ToolOutput
from mockserver.model.findings import Mismatch
from mockserver.model.json import JSON, write
from mockserver.model.matchers import TextMatcher, any_matches, groups_of, json_mismatches

Mismatches: TypeAlias = tuple[Mismatch, ...]
_NONE = "none"


class Condition(Protocol):
    """One statement about a request under `when`."""

    def mismatches(self, call: Call) -> Mismatches:
        """What is not as wanted; empty when the condition holds."""
        ...

    def groups(self, call: Call) -> Mapping[str, str]:
        """Named groups that the condition's patterns took from a call it holds for."""
        ...


def _texts_of(name: str, call: Call) -> tuple[str, ...]:
    return _READERS[name](call)


def _optional(text: str | None) -> tuple[str, ...]:
    return () if text is None else (text,)


def _told(texts: tuple[str, ...]) -> str:
    return ", ".join(map(write, texts)) if texts else _NONE


def _system(call: Call) -> tuple[str, ...]:
    texts = call.conversation.system
    return ("\n".join(texts),) if texts else ()


def _any_text(call: Call) -> tuple[str, ...]:
    texts = call.conversation.texts
    return (*texts, "\n".join(texts)) if len(texts) > 1 else texts


def _tool_choice(call: Call) -> tuple[str, ...]:
    choice = call.body.get("tool_choice")
    if isinstance(choice, dict):
        said = choice.get("function") or choice.get("custom")
        holder = said if isinstance(said, dict) else choice
        name = holder.get("name") or choice.get("type")
        return _optional(name if isinstance(name, str) else None)
    return _optional(choice if isinstance(choice, str) else None)


def _previous_response(call: Call) -> tuple[str, ...]:
    given = call.body.get("previous_response_id")
    return _optional(given if isinstance(given, str) else None)


_READERS: Mapping[str, Callable[[Call], tuple[str, ...]]] = {
    "model": lambda call: _optional(call.model),
    "user": lambda call: _optional(call.user),
    "system": _system,
    "any_text": _any_text,
    "tool": lambda call: call.tools,
    "tool_choice": _tool_choice,
    "previous_response": _previous_response,
}
TEXT_CONDITIONS = tuple(_READERS)
"""Names of the conditions that want something of a text."""


def text_reader(name: str) -> Callable[[Call], tuple[str, ...]]:
    """What reads the texts of a call that one of `TEXT_CONDITIONS` asks."""
    return _READERS[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCondition:
    """One of `TEXT_CONDITIONS`; where a call has several such texts, one must satisfy."""

    name: str
    want: TextMatcher

    def mismatches(self, call: Call) -> Mismatches:
        texts = _texts_of(self.name, call)
        if any_matches(self.want, texts):
            return ()
        got = _told(texts)
        return (Mismatch(path=self.name, expected=str(self.want), got=got),)

    def groups(self, call: Call) -> Mapping[str, str]:
        return groups_of(self.want, _texts_of(self.name, call))


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceCondition:
    """`true` or `false` on a text condition or header: whether there is one at all."""

    name: str
    expected: bool

    def mismatches(self, call: Call) -> Mismatches:
        texts = _texts_of(self.name, call)
        if bool(texts) == self.expected:
            return ()
        wanted = "any" if self.expected else _NONE
        got = _told(texts)
        return (Mismatch(path=self.name, expected=wanted, got=got),)

    def groups(self, _call: Call) -> Mapping[str, str]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCondition:
    """Whether the reply is asked for as a stream."""

    expected: bool

    def mismatches(self, call: Call) -> Mismatches:
        if call.stream == self.expected:
            return ()
        return (Mismatch(path="stream", expected=write(self.expected), got=write(call.stream)),)

    def groups(self, _call: Call) -> Mapping[str, str]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnCondition:
    """How many assistant turns the conversation holds; `most` None is unbounded."""

    least: int
    most: int | None

    def mismatches(self, call: Call) -> Mismatches:
        turn = call.conversation.turn
        if self.least <= turn and (self.most is None or turn <= self.most):
            return ()
        exact = self.least == self.most
        wanted = (
            str(self.least) if exact else f"{self.least}..{'' if self.most is None else self.most}"
        )
        return (Mismatch(path="turn", expected=wanted, got=str(turn)),)

    def groups(self, _call: Call) -> Mapping[str, str]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResultCondition:
    """Whether a fresh tool output is there that satisfies `of`, `call_id` and `text` at once."""

    expected: bool = True
    of: TextMatcher | None = None
    call_id: TextMatcher | None = None
    text: TextMatcher | None = None

    @property
    def wants(self) -> Mapping[str, TextMatcher]:
        """The matchers given, by the name of what they are for."""
        pairs = (("of", self.of), ("call_id", self.call_id), ("text", self.text))
        return {name: want for name, want in pairs if want is not None}

    def mismatches(self, call: Call) -> Mismatches:
        outputs = call.conversation.new_tool_results
        if not self.expected:
            if not outputs:
                return ()
            return (Mismatch(path="tool_result", expected=_NONE, got=_described(outputs)),)
        if any(self._agrees(output) for output in outputs):
            return ()
        wanted = "an output" + "".join(
            f" {name} {want}"
            for name, want in (("of", self.of), ("for call", self.call_id), ("with", self.text))
            if want is not None
        )
        return (Mismatch(path="tool_result", expected=wanted, got=_described(outputs)),)

    def _agrees(self, output: ToolOutput) -> bool:
        return all(any_matches(want, texts) for want, texts in self._asked(output))

    def _asked(self, output: ToolOutput) -> Iterator[tuple[TextMatcher, tuple[str, ...]]]:
        pairs = ((self.of, output.of), (self.call_id, output.call_id), (self.text, output.text))
        return ((want, _optional(got)) for want, got in pairs if want is not None)

    def groups(self, call: Call) -> Mapping[str, str]:
        outputs = call.conversation.new_tool_results
        output = next((one for one in outputs if self._agrees(one)), None)
        return {
            name: text
            for want, texts in (self._asked(output) if output is not None else ())
            for name, text in groups_of(want, texts).items()
        }


def _described(outputs: tuple[ToolOutput, ...]) -> str:
    said = (f"{write(output.text)} of {write(output.of or output.call_id)}" for output in outputs)
    return ", ".join(said) if outputs else _NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderOrQueryCondition:
    """A header or query parameter: `place` is `header` or `query`, `name` as written there.

    `want` may be True or False for present or absent.
    """

    place: str
    name: str
    want: TextMatcher | bool

    def mismatches(self, call: Call) -> Mismatches:
        texts = self.texts(call)
        if isinstance(self.want, bool):
            if bool(texts) == self.want:
                return ()
            wanted = "any" if self.want else _NONE
        elif any_matches(self.want, texts):
            return ()
        else:
            wanted = str(self.want)
        got = _told(texts)
        return (Mismatch(path=f"{self.place}.{self.name}", expected=wanted, got=got),)

    @property
    def key(self) -> str:
        """The name by which headers and parameters are compared: case-insensitive for headers."""
        return self.name.lower() if self.place == "header" else self.name

    def texts(self, call: Call) -> tuple[str, ...]:
        """The values of the header or parameter in a call."""
        if self.place == "header":
            wanted = self.name.lower()
            return tuple(value for name, value in call.headers if name.lower() == wanted)
        return tuple(value for name, value in call.query if name == self.name)

    def groups(self, call: Call) -> Mapping[str, str]:
        return {} if isinstance(self.want, bool) else groups_of(self.want, self.texts(call))


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyCondition:
    """Partial JSON: what is named must agree, the rest is free."""

    expected: JSON

    def mismatches(self, call: Call) -> Mismatches:
        return json_mismatches(self.expected, call.body, "body")

    def groups(self, _call: Call) -> Mapping[str, str]:
        return {}


class BodyValidator(Protocol):
    """Holds bodies against one JSON Schema."""

    def mismatches(self, body: JSON) -> tuple[Mismatch, ...]:
        """What does not satisfy the schema; never raises."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaCondition:
    """The body satisfies a JSON Schema."""

    schema: JSON
    validator: BodyValidator = field(compare=False)

    def mismatches(self, call: Call) -> tuple[Mismatch, ...]:
        return self.validator.mismatches(call.body)

    def groups(self, _call: Call) -> Mapping[str, str]:
        return {}
