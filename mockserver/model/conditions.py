"""Conditions of a stub, and the mismatches they find in a call.

A condition computes the list of its mismatches and matches when that list is empty, so that a
report needs no second evaluation. Conditions read the call alone and keep no state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from mockserver.model.call import Call
from mockserver.model.conversation import ToolOutput
from mockserver.model.findings import Mismatch
from mockserver.model.json import JSON, write
from mockserver.model.matchers import TextMatcher, any_matches, captures_of, json_mismatches

Mismatches: TypeAlias = tuple[Mismatch, ...]
_NONE = "none"
_TRIGGER = "compaction_trigger"


class Condition(Protocol):
    """One statement about a request under `when`."""

    def mismatches(self, call: Call) -> Mismatches:
        """What differs from what is expected; empty when the condition matches."""
        ...

    def captures(self, call: Call) -> Mapping[str, str]:
        """Named groups that the condition's patterns capture from a call it matches."""
        ...


def _texts_of(name: str, call: Call) -> tuple[str, ...]:
    return _TEXT_READERS[name](call)


def _optional(text: str | None) -> tuple[str, ...]:
    return () if text is None else (text,)


def _describe(texts: tuple[str, ...]) -> str:
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
        named = choice.get("function") or choice.get("custom")
        holder = named if isinstance(named, dict) else choice
        name = holder.get("name") or choice.get("type")
        return _optional(name if isinstance(name, str) else None)
    return _optional(choice if isinstance(choice, str) else None)


def _previous_response(call: Call) -> tuple[str, ...]:
    given = call.body.get("previous_response_id")
    return _optional(given if isinstance(given, str) else None)


def _compaction_trigger(call: Call) -> tuple[str, ...]:
    items = call.body.get("input")
    asked = (item for item in (items if isinstance(items, list) else ()) if isinstance(item, dict))
    return tuple(_TRIGGER for item in asked if item.get("type") == _TRIGGER)


def _service_tier(call: Call) -> tuple[str, ...]:
    given = call.body.get("service_tier")
    return _optional(given if isinstance(given, str) else None)


_TEXT_READERS: Mapping[str, Callable[[Call], tuple[str, ...]]] = {
    "model": lambda call: _optional(call.model),
    "user": lambda call: _optional(call.user),
    "system": _system,
    "any_text": _any_text,
    "tool": lambda call: call.tools,
    "tool_choice": _tool_choice,
    "previous_response": _previous_response,
    "service_tier": _service_tier,
    "compaction_trigger": _compaction_trigger,
    "last.role": lambda call: _optional(call.conversation.last.role),
    "last.type": lambda call: _optional(call.conversation.last.type),
    "last.text": lambda call: _optional(call.conversation.last.text),
}
TEXT_CONDITIONS = tuple(_TEXT_READERS)
"""Names of the conditions on texts."""


def text_reader(name: str) -> Callable[[Call], tuple[str, ...]]:
    """The reader of the texts that one of `TEXT_CONDITIONS` is about."""
    return _TEXT_READERS[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCondition:
    """One of `TEXT_CONDITIONS`; where a call has several such texts, one must match."""

    name: str
    want: TextMatcher

    def mismatches(self, call: Call) -> Mismatches:
        texts = _texts_of(self.name, call)
        if any_matches(self.want, texts):
            return ()
        got = _describe(texts)
        return (Mismatch(path=self.name, expected=str(self.want), got=got),)

    def captures(self, call: Call) -> Mapping[str, str]:
        return captures_of(self.want, _texts_of(self.name, call))


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceCondition:
    """`true` or `false` on a text condition or header: whether there is one at all."""

    name: str
    expected: bool

    def mismatches(self, call: Call) -> Mismatches:
        texts = _texts_of(self.name, call)
        if bool(texts) == self.expected:
            return ()
        expected = "any" if self.expected else _NONE
        got = _describe(texts)
        return (Mismatch(path=self.name, expected=expected, got=got),)

    def captures(self, _call: Call) -> Mapping[str, str]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCondition:
    """Whether the request asks for a streaming reply."""

    expected: bool

    def mismatches(self, call: Call) -> Mismatches:
        if call.stream == self.expected:
            return ()
        return (Mismatch(path="stream", expected=write(self.expected), got=write(call.stream)),)

    def captures(self, _call: Call) -> Mapping[str, str]:
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
        expected = str(self.least) if exact else f"{self.least}..{'' if self.most is None else self.most}"
        return (Mismatch(path="turn", expected=expected, got=str(turn)),)

    def captures(self, _call: Call) -> Mapping[str, str]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResultCondition:
    """Whether a new tool result matches `of`, `call_id` and `text` at once."""

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
            return (Mismatch(path="tool_result", expected=_NONE, got=_describe_results(outputs)),)
        if any(self._matches(output) for output in outputs):
            return ()
        expected = "a tool result" + "".join(
            f" {name} {want}"
            for name, want in (("of", self.of), ("for call", self.call_id), ("with", self.text))
            if want is not None
        )
        return (Mismatch(path="tool_result", expected=expected, got=_describe_results(outputs)),)

    def _matches(self, output: ToolOutput) -> bool:
        return all(any_matches(want, texts) for want, texts in self._pairs(output))

    def _pairs(self, output: ToolOutput) -> Iterator[tuple[TextMatcher, tuple[str, ...]]]:
        pairs = ((self.of, output.of), (self.call_id, output.call_id), (self.text, output.text))
        return ((want, _optional(got)) for want, got in pairs if want is not None)

    def captures(self, call: Call) -> Mapping[str, str]:
        outputs = call.conversation.new_tool_results
        output = next((one for one in outputs if self._matches(one)), None)
        return {
            name: text
            for want, texts in (self._pairs(output) if output is not None else ())
            for name, text in captures_of(want, texts).items()
        }


def _describe_results(outputs: tuple[ToolOutput, ...]) -> str:
    texts = (f"{write(output.text)} of {write(output.of or output.call_id)}" for output in outputs)
    return ", ".join(texts) if outputs else _NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderOrQueryCondition:
    """A header or query parameter: `place` is `header` or `query`.

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
            expected = "any" if self.want else _NONE
        elif any_matches(self.want, texts):
            return ()
        else:
            expected = str(self.want)
        got = _describe(texts)
        return (Mismatch(path=f"{self.place}.{self.name}", expected=expected, got=got),)

    @property
    def key(self) -> str:
        """The name by which headers and parameters are compared: case-insensitive for headers."""
        return self.name.lower() if self.place == "header" else self.name

    def texts(self, call: Call) -> tuple[str, ...]:
        """The values of the header or parameter in a call."""
        if self.place == "header":
            key = self.key
            return tuple(value for name, value in call.headers if name.lower() == key)
        return tuple(value for name, value in call.query if name == self.name)

    def captures(self, call: Call) -> Mapping[str, str]:
        return {} if isinstance(self.want, bool) else captures_of(self.want, self.texts(call))


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyCondition:
    """Partial JSON: what is named must match, the rest is free."""

    expected: JSON

    def mismatches(self, call: Call) -> Mismatches:
        return json_mismatches(self.expected, call.body, "body")

    def captures(self, _call: Call) -> Mapping[str, str]:
        return {}


class BodyValidator(Protocol):
    """Validates bodies against one JSON Schema."""

    def mismatches(self, body: JSON) -> tuple[Mismatch, ...]:
        """What is invalid under the schema; never raises."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaCondition:
    """The body is valid under a JSON Schema."""

    schema: JSON
    validator: BodyValidator = field(compare=False)

    def mismatches(self, call: Call) -> tuple[Mismatch, ...]:
        return self.validator.mismatches(call.body)

    def captures(self, _call: Call) -> Mapping[str, str]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOfCondition:
    """At least one of several groups of conditions holds."""

    groups: tuple[tuple[Condition, ...], ...]

    def mismatches(self, call: Call) -> Mismatches:
        found: list[Mismatches] = []
        for group in self.groups:
            differing = tuple(mismatch for one in group for mismatch in one.mismatches(call))
            if not differing:
                return ()
            found.append(differing)
        expected = " or ".join(" and ".join(f"{one.path}: {one.expected}" for one in group) for group in found)
        got = dict.fromkeys(f"{one.path}: {one.got}" for group in found for one in group)
        return (Mismatch(path="any_of", expected=expected, got=", ".join(got)),)

    def captures(self, call: Call) -> Mapping[str, str]:
        holding = (group for group in self.groups if not any(one.mismatches(call) for one in group))
        return {name: text for one in next(holding, ()) for name, text in one.captures(call).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoneOfCondition:
    """A group of conditions that must not all hold; `written` is the group in the scenario."""

    group: tuple[Condition, ...]
    written: JSON
    index: int

    def mismatches(self, call: Call) -> Mismatches:
        if any(one.mismatches(call) for one in self.group):
            return ()
        return (Mismatch(path=f"none_of[{self.index}]", expected=f"not {write(self.written)}", got="all of it"),)

    def captures(self, _call: Call) -> Mapping[str, str]:
        return {}


def names_text(condition: Condition, name: str) -> bool:
    """Whether a condition is about that text of a request, or about the body's member behind it."""
    match condition:
        case TextCondition() | PresenceCondition():
            return condition.name == name
        case BodyCondition(expected=dict(members)):
            return f"{name}_id" in members
        case AnyOfCondition(groups=groups):
            return any(names_text(one, name) for group in groups for one in group)
        case NoneOfCondition(group=group):
            return any(names_text(one, name) for one in group)
        case SchemaCondition(schema=schema):
            return f'"{name}_id"' in write(schema)
        case _:
            return False
