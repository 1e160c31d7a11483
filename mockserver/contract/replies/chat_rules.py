"""What holds between the choices and calls of a whole chat completion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from mockserver.contract.replies.remark import Remark
from mockserver.contract.replies.shown import shown
from mockserver.contract.replies.usage_rules import CHAT_USAGE, usage_remarks
from mockserver.core.jsontext import JSON, Object

# The finish reasons that speak of a member, which then must be there.
SPEAKS_OF: Final[Mapping[str, str]] = {
    "tool_calls": "tool_calls",
    "function_call": "function_call",
}


def completion_remarks(completion: Object) -> Iterator[Remark]:
    """Check a whole chat completion."""
    choices = completion.get("choices")
    listed = choices if isinstance(choices, list) else []
    for place, choice in enumerate(listed):
        if isinstance(choice, dict):
            yield from _choice(choice, place)
    yield from usage_remarks(completion.get("usage"), CHAT_USAGE, "chat", "usage")


def reason_without(reason: JSON, said: Iterable[str], path: str) -> Iterator[Remark]:
    """Check that a finish reason which speaks of a call comes with one; `said` names members."""
    member = SPEAKS_OF.get(reason) if isinstance(reason, str) else None
    if member is not None and member not in said:
        message = f"found {shown(reason)}, but {member} was not sent"
        yield Remark("chat.finish.tools", path, message)


def _choice(choice: Object, place: int) -> Iterator[Remark]:
    path = f"choices[{place}]"
    index = choice.get("index")
    if isinstance(index, int) and index != place:
        message = f"found {shown(index)}, {place} would be right"
        yield Remark("chat.choice.order", f"{path}.index", message)
    message_said = choice.get("message")
    if not isinstance(message_said, dict):
        return
    said = [name for name, value in message_said.items() if value]
    yield from reason_without(choice.get("finish_reason"), said, f"{path}.finish_reason")
    calls = message_said.get("tool_calls")
    seen: set[str] = set()
    for number, call in enumerate(calls if isinstance(calls, list) else []):
        name = call.get("id") if isinstance(call, dict) else None
        if isinstance(name, str):
            if name in seen:
                where = f"{path}.message.tool_calls[{number}].id"
                text = f"found {shown(name)} again, an id of its own would be right"
                yield Remark("chat.tool.id", where, text)
            seen.add(name)
