"""Rules of a chat completion, whole and streamed."""

from __future__ import annotations

from typing import Final

from mockserver.contract.rule import Rule, tabulate

_CHUNKS: Final = "OpenAI API reference, chat completion chunks"
_OBJECT: Final = "OpenAI API reference, the chat completion object"
_WIRE: Final = "observed on the wire"

CHAT_RULES: Final[tuple[Rule, ...]] = (
    *tabulate(
        _CHUNKS,
        {
            "chat.event.json": "every chunk is one JSON text",
            "chat.event.object": "every chunk is a JSON object",
            "chat.id.same": "all chunks have the same id",
            "chat.created.same": "all chunks have the same created",
            "chat.model.same": "all chunks have the same model",
            "chat.role.first": "the first chunk of a choice has the role",
            "chat.tool.order": "tool calls are numbered in order of appearance, without a gap",
            "chat.tool.first": "the first fragment of a tool call has id, type and name",
            "chat.usage.one": "usage is sent once",
            "chat.usage.place": "usage has a chunk of its own, or the place agreed",
            "chat.usage.last": "no choice follows the usage chunk",
            "chat.usage.null": "chunks before the usage chunk have usage null, or none, as agreed",
            "chat.terminal.missing": "the stream does not end in the middle of an answer",
            "chat.done.missing": "[DONE] ends the stream",
        },
    ),
    *tabulate(
        _OBJECT,
        {
            "chat.choice.order": "the choices are numbered from 0 without a gap",
            "chat.tool.id": "no two tool calls have the same id",
            "chat.finish.tools": "finish_reason tool_calls or function_call comes with such a call",
            "chat.usage.sum": "total_tokens is the sum of prompt_tokens and completion_tokens",
            "chat.usage.bounds": "no count is negative, and no share is above its whole",
        },
    ),
    *tabulate(
        _WIRE,
        {
            "chat.event.line": "chunks have no `event:` line",
            "chat.role.once": "later chunks have no role, or all have it, as agreed",
            "chat.finish.once": "a choice finishes once",
            "chat.finish.last": "nothing is said in a choice that has finished",
            "chat.finish.missing": "every choice finishes before [DONE]",
            "chat.finish.empty": "the finishing chunk has an empty delta",
            "chat.tool.sequence": "parallel tool calls are told one after another",
            "chat.tool.later": "later fragments of a tool call have no identity of their own",
            "chat.chunk.empty": "no chunk is without choices, usage and moderation",
            "chat.chunk.order": "the usage chunk follows choices, a moderation chunk follows it",
            "chat.error.last": "nothing but [DONE] follows an error chunk",
            "chat.done.forbidden": "no [DONE] is sent where the upstream sends none",
            "chat.done.once": "[DONE] is sent once",
            "chat.done.last": "nothing follows [DONE]",
        },
    ),
)
