"""One choice of a chat stream: its role, its tool calls, its finish."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mockserver.contract.grammar.chat import CHOICE
from mockserver.contract.grammar.machine import Refusal
from mockserver.contract.replies.chat_rules import reason_without
from mockserver.contract.replies.contract import ChatForm, Demand
from mockserver.contract.replies.remark import Remark
from mockserver.contract.replies.shown import member_path, shown
from mockserver.core.jsontext import JSON, Object

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

    def take(self, choice: Object, path: str) -> Iterator[Remark]:
        """Judge one entry of a chunk's choices, to which `path` leads."""
        found, reason = choice.get("delta"), choice.get("finish_reason")
        delta = found if isinstance(found, dict) else {}
        role = delta.get("role") is not None
        if self._state == "open" and self._form.role_again is not Demand.FORBIDDEN:
            if not role and self._form.role_again is Demand.REQUIRED:
                yield Remark(
                    "chat.role.once", f"{path}.delta.role", "missing, as in the first chunk"
                )
            role = False
        words = [word for word, said in (("first", role), ("finish", reason is not None)) if said]
        for word in words or ["middle"]:
            step = CHOICE.step(self._state, word)
            if isinstance(step, Refusal):
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
                yield Remark("chat.finish.empty", f"{path}.delta", message)
            yield from reason_without(reason, self._said, f"{path}.finish_reason")

    def _fragment(self, fragment: Object, path: str) -> Iterator[Remark]:
        index = fragment.get("index")
        if not isinstance(index, int):
            return
        place, identity = index - self._form.tools_from, _identity(fragment)
        last = len(self._tools) - 1
        if place > last + 1 or place < 0:
            message = f"found {shown(index)}, {last + 1 + self._form.tools_from} would be right"
            yield Remark("chat.tool.order", f"{path}.index", message)
        elif place > last:
            yield from self._begun(identity, path)
        elif place < last:
            message = f"found {shown(index)} again, after the call behind it had begun"
            yield Remark("chat.tool.sequence", f"{path}.index", message)
        else:
            yield from self._continued(identity, path)

    def _begun(self, identity: _Identity, path: str) -> Iterator[Remark]:
        self._tools.append(identity)
        for name in ("id", "type", "name"):
            if getattr(identity, name) is None:
                message = f"the first fragment of a tool call has no {name}"
                yield Remark("chat.tool.first", path, message)
        if identity.id is not None:
            if identity.id in self._ids:
                message = f"found {shown(identity.id)} again, an id of its own would be right"
                yield Remark("chat.tool.id", f"{path}.id", message)
            self._ids.add(identity.id)

    def _continued(self, identity: _Identity, path: str) -> Iterator[Remark]:
        if self._form.tool_identity is Demand.REQUIRED and identity.id is None:
            yield Remark("chat.tool.later", path, "no id, as in the first fragment")
            return
        first = self._tools[-1]
        for name in ("id", "type", "name"):
            value = getattr(identity, name)
            again = self._form.tool_identity is not Demand.FORBIDDEN and value == getattr(
                first, name
            )
            if value is not None and not again:
                message = f"a later fragment of a tool call has {name} {shown(value)}"
                yield Remark("chat.tool.later", path, message)


def _identity(fragment: Object) -> _Identity:
    function, custom = fragment.get("function"), fragment.get("custom")
    holder = function if isinstance(function, dict) else custom
    return _Identity(
        id=_text(fragment.get("id")),
        type=_text(fragment.get("type")),
        name=_text(holder.get("name")) if isinstance(holder, dict) else None,
    )


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) else None


def _refused(step: Refusal, word: str, path: str) -> Remark:
    where = f"{path}.finish_reason" if word == "finish" else f"{path}.delta"
    return Remark(step.rule, where, step.message)
