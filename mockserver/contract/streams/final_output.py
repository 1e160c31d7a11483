"""The output of the terminal event against the items that the stream has told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mockserver.contract.replies.remark import Remark
from mockserver.contract.replies.sameness import difference, path_of
from mockserver.contract.streams.item_words import PARTS
from mockserver.core.jsontext import JSON

# Encryption may be done anew for the final response.
_MAY_DIFFER: Final = frozenset({"encrypted_content"})

# Members of an item with a rule of their own.
_TOLD: Final = frozenset({"arguments", "input", "code"})


def output_remarks(output: JSON, told: list[JSON], *, unfinished: bool) -> Iterator[Remark]:
    """Compare the output with the done items in order. Where items are `unfinished`, which has a
    rule of its own, their number is not compared."""
    if not isinstance(output, list):
        return
    if len(output) != len(told):
        if not unfinished:
            message = f"found {len(output)} items, the {len(told)} that are done would be right"
            yield Remark("responses.output.same", "response.output", message)
        return
    unlike = difference(output, told, _MAY_DIFFER)
    if unlike is not None:
        path = path_of(unlike.steps, "response.output")
        yield Remark(_rule_of(output, unlike.steps), path, unlike.message)


def _rule_of(output: list[JSON], steps: tuple[str | int, ...]) -> str:
    """The rule that speaks of the place where the output differs."""
    match steps:
        case (int(), str() as member) if member in _TOLD:
            return f"responses.{member}.same"
        case (int() as item, str() as parts, int() as part, str() as member):
            kind = _inside(_inside(_inside(_inside(output, item), parts), part), "type")
            form = PARTS.get(kind) if isinstance(kind, str) else None
            if form is not None and form.member == member:
                return form.rule
    return "responses.output.same"


def _inside(value: JSON, step: str | int) -> JSON:
    if isinstance(value, dict) and isinstance(step, str):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) else None
