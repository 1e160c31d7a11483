"""What the events of an item mean beside the grammar: which index they count, which text they tell.

Words are those of the item machines. Everything here is a table; `item_track` applies it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mockserver.model.json import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRule:
    """An index that must be the next of its count (`fresh`), or that of the thing begun last;
    `advances` the count. Beginning a thing starts the count of `restarts` anew."""

    member: str
    rule: str
    fresh: bool
    advances: bool
    restarts: str | None = None


def _opens(member: str, restarts: str | None = None) -> IndexRule:
    rule = f"responses.{member}.order"
    return IndexRule(member=member, rule=rule, fresh=True, advances=True, restarts=restarts)


def _within(member: str) -> IndexRule:
    return IndexRule(member=member, rule=f"responses.{member}.order", fresh=False, advances=False)


_IN_PART: Final = (_within("content_index"),)
_IN_SUMMARY: Final = (_within("summary_index"),)
_IN_COMMAND: Final = (_within("command_index"),)

COUNTS: Final[Mapping[str, tuple[IndexRule, ...]]] = {
    "content_part.added": (_opens("content_index", restarts="annotation_index"),),
    "content_part.done": _IN_PART,
    "output_text.delta": _IN_PART,
    "output_text.done": _IN_PART,
    "output_text.annotation.added": (*_IN_PART, _opens("annotation_index")),
    "refusal.delta": _IN_PART,
    "refusal.done": _IN_PART,
    "reasoning_text.delta": _IN_PART,
    "reasoning_text.done": _IN_PART,
    "reasoning_summary_part.added": (_opens("summary_index"),),
    "reasoning_summary_part.done": _IN_SUMMARY,
    "reasoning_summary_text.delta": _IN_SUMMARY,
    "reasoning_summary_text.done": _IN_SUMMARY,
    "image_generation_call.partial_image": (_opens("partial_image_index"),),
    "shell_call_command.added": (_opens("command_index"),),
    "shell_call_command.delta": _IN_COMMAND,
    "shell_call_command.done": _IN_COMMAND,
    # No event begins the output of a command: its end does the counting.
    "shell_call_output_content.delta": (
        IndexRule(
            member="command_index",
            rule="responses.command_index.order",
            fresh=True,
            advances=False,
        ),
    ),
    "shell_call_output_content.done": (_opens("command_index"),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedText:
    """The end of a told text: the member that repeats it, and the rule that it is the same."""

    member: str
    rule: str


TELLINGS: Final[Mapping[str, RepeatedText]] = {
    f"{word}.done": RepeatedText(member=member, rule=f"responses.{rule}.same")
    for word, member, rule in (
        ("output_text", "text", "text"),
        ("refusal", "refusal", "refusal"),
        ("reasoning_text", "text", "reasoning"),
        ("reasoning_summary_text", "text", "summary"),
        ("function_call_arguments", "arguments", "arguments"),
        ("mcp_call_arguments", "arguments", "arguments"),
        ("custom_tool_call_input", "input", "input"),
        ("code_interpreter_call_code", "code", "code"),
        ("shell_call_command", "command", "command"),
        ("apply_patch_call_operation_diff", "diff", "diff"),
    )
}

DELTAS: Final = frozenset(word.removesuffix("done") + "delta" for word in TELLINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartForm:
    """The member of a part that holds its text, the rule about it, and what is empty at first."""

    member: str
    rule: str
    empty: Mapping[str, tuple[JSON, ...]]


PARTS: Final[Mapping[str, PartForm]] = {
    "output_text": PartForm(
        member="text",
        rule="responses.text.same",
        empty={"text": ("",), "annotations": ([],), "logprobs": ([], None)},
    ),
    "refusal": PartForm(member="refusal", rule="responses.refusal.same", empty={"refusal": ("",)}),
    "reasoning_text": PartForm(
        member="text", rule="responses.reasoning.same", empty={"text": ("",)}
    ),
    "summary_text": PartForm(member="text", rule="responses.summary.same", empty={"text": ("",)}),
}

# What an item holds when it is added, where it holds it; all else is there from the beginning.
EMPTY_ITEMS: Final[Mapping[str, Mapping[str, tuple[JSON, ...]]]] = {
    "message": {"content": ([],)},
    "reasoning": {"summary": ([],), "content": ([], None)},
    "function_call": {"arguments": ("",)},
    "custom_tool_call": {"input": ("",)},
    "file_search_call": {"queries": ([],), "results": (None, [])},
    "code_interpreter_call": {"code": ("", None), "outputs": (None, [])},
    "image_generation_call": {"result": (None,)},
    "mcp_list_tools": {"tools": ([],), "error": (None,)},
    "mcp_call": {"arguments": ("",), "output": (None,), "error": (None,)},
}

# The one text of an item that is told in deltas: where the done item repeats it.
TOLD: Final[Mapping[str, tuple[str, ...]]] = {
    "function_call": ("arguments",),
    "mcp_call": ("arguments",),
    "custom_tool_call": ("input",),
    "code_interpreter_call": ("code",),
    "apply_patch_call": ("operation", "diff"),
}

KEPT: Final = ("id", "type", "role", "call_id", "name", "namespace", "server_label")

# Items of which the events say nothing are added in whatever state they have.
BORN_RUNNING: Final = frozenset(
    {
        "message",
        "reasoning",
        "function_call",
        "custom_tool_call",
        "web_search_call",
        "file_search_call",
        "code_interpreter_call",
        "image_generation_call",
        "mcp_call",
        "shell_call",
        "apply_patch_call",
    }
)
