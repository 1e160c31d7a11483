"""Output items of a response: what each looks like when it is added, how it is spoken, and what
it is in the end.

An item is told once, as `RenderedItem`; the whole reply takes its final form, the stream its steps, so
the two cannot disagree. Steps lack what the stream adds: numbers, indexes, the item's id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mockserver.model.dialect import Dialect
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSONObject
from mockserver.model.reply import (
    Chunks,
    Compaction,
    CustomCall,
    FunctionCall,
    Item,
    RawItem,
    Reasoning,
    Refusal,
    Text,
)
from mockserver.render import item_events as animation
from mockserver.render.chunking import split_text
from mockserver.render.item_events import ItemEvent

COMPLETED = "completed"
INCOMPLETE = "incomplete"
IN_PROGRESS = "in_progress"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedItem:
    """`added` and `final` are the item's two snapshots, `steps` the events between them."""

    added: JSONObject
    final: JSONObject
    steps: tuple[ItemEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRenderer:
    """Speaks the items of one reply: mints their ids, cuts their texts."""

    dialect: Dialect
    mint: IdGenerator
    chunks: Chunks

    def render(self, items: tuple[Item, ...], *, last: str = COMPLETED) -> tuple[RenderedItem, ...]:
        """Every item in order; the status of the last is `last`, where it carries one."""
        spoken: list[RenderedItem] = []
        for place, item in enumerate(items):
            status = last if place == len(items) - 1 else COMPLETED
            spoken.append(self._one(item, place, status))
        return tuple(spoken)

    def _one(self, item: Item, place: int, status: str) -> RenderedItem:
        match item:
            case Text() | Refusal():
                return self._message(item, place, status)
            case Reasoning():
                return self._reasoning(item, place)
            case FunctionCall():
                return self._function(item, place, status)
            case CustomCall():
                return self._custom(item, place, status)
            case Compaction():
                final: JSONObject = {
                    "id": self.mint.id("cmp_", place),
                    "type": "compaction",
                    "encrypted_content": item.encrypted,
                }
                return self._kept("compaction", final, final, ())
            case RawItem():
                return self._wire(item, place, status)
            case _:
                raise TypeError(item)

    def _message(self, item: Text | Refusal, place: int, status: str) -> RenderedItem:
        pieces = split_text(item.text, item.chunks or self.chunks)
        part: JSONObject
        if isinstance(item, Text):
            part = self._part(
                {
                    "type": "output_text",
                    "annotations": list(item.annotations),
                    "logprobs": list(item.logprobs),
                    "text": item.text,
                }
            )
            steps = tuple(animation.text(part, pieces, index=0))
        else:
            part = self._part({"type": "refusal", "refusal": item.text})
            steps = tuple(animation.refusal(part, pieces, index=0))
        final: JSONObject = {
            "id": self.mint.id("msg_", place),
            "type": "message",
            "status": status,
            "content": [part],
            "role": "assistant",
        }
        if isinstance(item, Text) and item.phase is not None:
            final["phase"] = item.phase
        added = final | {"status": IN_PROGRESS, "content": []}
        return self._kept("message", added, final, steps)

    def _reasoning(self, item: Reasoning, place: int) -> RenderedItem:
        final: JSONObject = {
            "id": self.mint.id("rs_", place),
            "type": "reasoning",
            "summary": [
                self._part({"type": "summary_text", "text": text}) for text in item.summary
            ],
        }
        if item.content:
            final["content"] = [
                self._part({"type": "reasoning_text", "text": text}) for text in item.content
            ]
        if item.encrypted is not None:
            final["encrypted_content"] = item.encrypted
        added = final | {"summary": []} | ({"content": []} if item.content else {})
        steps = animation.reasoning(
            final, lambda text: split_text(text, item.chunks or self.chunks)
        )
        return self._kept("reasoning", added, final, tuple(steps))

    def _function(self, item: FunctionCall, place: int, status: str) -> RenderedItem:
        final: JSONObject = {
            "id": self.mint.id("fc_", place),
            "type": "function_call",
            "status": status,
            "arguments": item.arguments,
            "call_id": item.call_id or self.mint.id("call_", place),
            "name": item.name,
        }
        added = final | {"status": IN_PROGRESS, "arguments": ""}
        pieces = split_text(item.arguments, item.chunks or self.chunks)
        kind = "response.function_call_arguments"
        steps = animation.text_deltas(kind, "arguments", item.arguments, pieces)
        return self._kept("function_call", added, final, tuple(steps))

    def _custom(self, item: CustomCall, place: int, status: str) -> RenderedItem:
        final: JSONObject = {
            "id": self.mint.id("ctc_", place),
            "type": "custom_tool_call",
            "status": status,
            "call_id": item.call_id or self.mint.id("call_", place),
            "input": item.input,
            "name": item.name,
        }
        added = final | {"status": IN_PROGRESS, "input": ""}
        pieces = split_text(item.input, item.chunks or self.chunks)
        steps = animation.text_deltas(
            "response.custom_tool_call_input", "input", item.input, pieces
        )
        return self._kept("custom_tool_call", added, final, tuple(steps))

    def _wire(self, item: RawItem, place: int, status: str) -> RenderedItem:
        kind = str(item.item.get("type"))
        final = dict(item.item)
        prefix = _PREFIXES.get(kind, f"{kind}_")
        final = {"id": final.pop("id", None) or self.mint.id(prefix, place), **final}
        if kind in _WITH_STATUS and "status" not in final:
            final["status"] = COMPLETED if kind in _NEVER_INCOMPLETE else status
        for member in ("content", "summary"):
            parts = final.get(member)
            if isinstance(parts, list):
                final[member] = [self._part(one) if isinstance(one, dict) else one for one in parts]
        spoken = render_raw_item(
            final, kind, lambda text: split_text(text, item.chunks or self.chunks)
        )
        return self._kept(kind, spoken.added, spoken.final, spoken.steps)

    def _part(self, part: JSONObject) -> JSONObject:
        return self.dialect.keep(f"part.{part.get('type')}", part)

    def _kept(
        self, kind: str, added: JSONObject, final: JSONObject, steps: tuple[ItemEvent, ...]
    ) -> RenderedItem:
        keep = self.dialect.keep
        return RenderedItem(
            added=keep(f"item.{kind}", added), final=keep(f"item.{kind}", final), steps=steps
        )


_PREFIXES: Mapping[str, str] = {
    "message": "msg_",
    "reasoning": "rs_",
    "function_call": "fc_",
    "custom_tool_call": "ctc_",
    "web_search_call": "ws_",
    "file_search_call": "fs_",
    "code_interpreter_call": "ci_",
    "image_generation_call": "ig_",
    "mcp_list_tools": "mcpl_",
    "mcp_call": "mcp_",
    "mcp_approval_request": "mcpr_",
    "local_shell_call": "lsh_",
    "shell_call": "sh_",
    "shell_call_output": "sho_",
    "apply_patch_call": "apc_",
    "computer_call": "cu_",
    "tool_search_call": "tsc_",
    "tool_search_output": "tso_",
    "compaction": "cmp_",
    "program": "cm_",
    "program_output": "cmo_",
}
# These know no incomplete end.
_NEVER_INCOMPLETE = frozenset({"web_search_call", "image_generation_call", "program_output"})
_WITH_STATUS = frozenset(_PREFIXES) - {
    "reasoning",
    "mcp_list_tools",
    "mcp_approval_request",
    "compaction",
    "program",
}
# What an item shows when it is added, over its final members; None takes the member away.
_EMPTY: Mapping[str, JSONObject] = {
    "message": {"content": []},
    "reasoning": {"summary": [], "content": []},
    "function_call": {"arguments": ""},
    "custom_tool_call": {"input": ""},
    "file_search_call": {"queries": [], "results": None},
    "code_interpreter_call": {"code": "", "outputs": None},
    "mcp_list_tools": {"tools": [], "error": None},
    "mcp_call": {"arguments": "", "output": None, "error": None},
    "program": {"code": ""},
}
# The same for what lies one level deeper.
_EMPTY_INSIDE: Mapping[str, tuple[str, JSONObject]] = {
    "shell_call": ("action", {"commands": []}),
    "apply_patch_call": ("operation", {"diff": ""}),
}
_ABSENT: Mapping[str, tuple[str, ...]] = {
    "web_search_call": ("action",),
    "image_generation_call": (
        "result",
        "revised_prompt",
        "size",
        "quality",
        "background",
        "output_format",
    ),
}
_WHOLE_AT_ONCE = frozenset({"shell_call_output", "tool_search_output", "program_output"})


def render_raw_item(final: JSONObject, kind: str, cutter: animation.Cutter) -> RenderedItem:
    """An item in the wire's own shape, spoken as its type is; a type that is not known is added
    and done."""
    animate = animation.BY_TYPE.get(kind)
    steps = tuple(animate(final, cutter)) if animate is not None else ()
    final = {name: value for name, value in final.items() if name != animation.PARTIAL_IMAGES}
    absent = _ABSENT.get(kind, ())
    added = _emptied(final, _EMPTY.get(kind, {}))
    added = {name: value for name, value in added.items() if name not in absent}
    if kind in _EMPTY_INSIDE:
        member, empty = _EMPTY_INSIDE[kind]
        inner = final.get(member)
        if isinstance(inner, dict):
            added[member] = _emptied(inner, empty)
    if "status" in final and kind not in _WHOLE_AT_ONCE:
        added["status"] = IN_PROGRESS
    return RenderedItem(added=added, final=final, steps=steps)


def _emptied(whole: JSONObject, empty: JSONObject) -> JSONObject:
    return whole | {name: value for name, value in empty.items() if name in whole}
