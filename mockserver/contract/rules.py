"""Every rule that a reply can break: id, meaning, source, severity."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mockserver.items import registry
from mockserver.model.findings import Rule, Severity


def tabulate(source: str, meanings: dict[str, str], severity: Severity = Severity.ERROR) -> tuple[Rule, ...]:
    """Rules that share a source, from id to meaning."""
    return tuple(Rule(id=name, meaning=meaning, source=source, severity=severity) for name, meaning in meanings.items())


_AREAS: Final = {
    "responses": ("a response, its items and its events", "OpenAI API reference, Responses"),
    "chat": ("a chat completion and its chunks", "OpenAI API reference, Chat Completions"),
    "compaction": ("a compacted response", "OpenAI API reference, compact a response"),
    "error": ("the error envelope", "OpenAI API reference, error codes"),
}


def _of(area: str, objects: str, source: str) -> tuple[Rule, ...]:
    return (
        *tabulate(
            source,
            {
                f"{area}.schema.required": f"every required member of {objects} is there",
                f"{area}.schema.type": f"every member of {objects} has its JSON type",
                f"{area}.schema.value": f"closed members of {objects} hold a documented value",
            },
        ),
        *tabulate(
            "observed on the wire", {f"{area}.schema.absent": f"{objects} lack the members this upstream never sends"}
        ),
        *tabulate(source, {f"{area}.schema.unknown": f"the members of {objects} are known ones"}, Severity.NOTICE),
    )


SCHEMA_RULES: Final = tuple(rule for area, (objects, source) in _AREAS.items() for rule in _of(area, objects, source))


_EVENTS: Final = "OpenAI API reference, streaming events"
_OBJECT: Final = "OpenAI API reference, the response object"
_WIRE: Final = "observed on the wire"
_OPEN: Final = "Open Responses specification"

_FRAMING: Final = (
    *tabulate(
        _EVENTS,
        {
            "responses.event.json": "the data of every event is one JSON text",
            "responses.event.object": "the data of every event is a JSON object",
            "responses.event.type": "every event has its type",
            "responses.event.name": "the `event:` line is equal to the type",
            "responses.sequence": "sequence_number counts the events from 0, or no event has one",
        },
    ),
    *tabulate(_EVENTS, {"responses.event.unknown": "every event type is a known one"}, Severity.NOTICE),
    *tabulate(_WIRE, {"responses.event.line": "every event has an `event:` line, or none, by the dialect"}),
)

_LIFE: Final = (
    *tabulate(
        _EVENTS,
        {
            "responses.created.first": "the stream begins with response.created",
            "responses.life.order": "created, queued, in_progress come once, in this order, first",
            "responses.in_progress.missing": "only a failed stream lacks in_progress",
            "responses.terminal.missing": "a terminal event or an error ends the stream",
            "responses.terminal.one": "there is one terminal event",
            "responses.terminal.last": "only rate limits and [DONE] may follow the terminal event",
            "responses.running.status": "status is in_progress or queued until the terminal event",
            "responses.running.empty": "output, usage, error are empty until the terminal event",
            "responses.id.same": "the response keeps its id over the stream",
            "responses.created_at.same": "the response keeps its created_at over the stream",
            "responses.terminal.status": "the status in a terminal event is that of its type",
            "responses.error.shape": "an error event has a message, at the top or in an error object",
        },
    ),
    *tabulate(
        _WIRE,
        {
            "responses.completed.after_error": "no stream completes after an error event",
            "responses.error.last": "only response.failed may follow an error event",
            "responses.done.forbidden": "no [DONE] is sent where the upstream sends none",
            "responses.done.missing": "[DONE] ends the stream where the upstream sends it",
            "responses.done.last": "nothing follows [DONE]",
        },
    ),
)

_STATUS: Final = (
    *tabulate(
        _OBJECT,
        {
            "responses.completed.clean": "a completed response has no error and is not incomplete",
            "responses.completed.items": "no item of a completed response is in progress",
            "responses.usage.set": "a completed or incomplete response has its usage",
            "responses.incomplete.reason": "an incomplete response gives the reason",
            "responses.failed.error": "a failed response has an error of code and message",
            "responses.item.id": "no two items have the same id",
            "responses.output_text.same": "output_text, where sent, is the text of all messages",
            "responses.usage.sum": "total_tokens is the sum of input_tokens and output_tokens",
            "responses.usage.bounds": "no count is negative, and no share is above its whole",
        },
    ),
    *tabulate(_OPEN, {"responses.incomplete.item": "the last item of an incomplete response is incomplete"}),
)

_ITEMS: Final = tabulate(
    _EVENTS,
    {
        "responses.output_index.order": "output_index counts the items from 0, each added once",
        "responses.item.unopened": "an item is added before other events of it",
        "responses.item.closed": "no event of an item follows its output_item.done",
        "responses.item.unclosed": "every item is done before the response completes",
        "responses.item.overlap": "an item is done before the next is added",
        "responses.item_id.same": "item_id is the id of the item at that output_index",
        "responses.item.same": "an item keeps its id, type, role, call_id and name",
        "responses.item.empty": "an item is empty when added",
        "responses.item.status.added": "an item is in progress when added",
        "responses.item.status.done": "a done item has the final status its events led to",
        "responses.content_index.order": "content_index counts the parts of an item from 0",
        "responses.summary_index.order": "summary_index counts the summaries of an item from 0",
        "responses.annotation_index.order": "annotation_index counts the annotations from 0",
        "responses.partial_image_index.order": "partial_image_index counts the images from 0",
        "responses.command_index.order": "command_index counts the commands from 0",
        "responses.part.empty": "a part is empty when added",
        "responses.part.same": "a part keeps its type, and is among the content of the done item",
        "responses.text.same": "deltas, done, part, item and final response have the same text",
        "responses.refusal.same": "deltas, done, part, item and response have the same refusal",
        "responses.reasoning.same": "deltas, done, part, item and response have the same reasoning",
        "responses.summary.same": "deltas, done, part, item and response have the same summary",
        "responses.arguments.same": "deltas, done, item and final response have the same arguments",
        "responses.input.same": "deltas, done, item and final response have the same input",
        "responses.code.same": "deltas, done, item and final response have the same code",
        "responses.command.same": "deltas, done and item have the same commands",
        "responses.diff.same": "deltas, done and item have the same diff",
        "responses.annotations.same": "as many annotations were added as the done part has",
        "responses.output.same": "the final output is the done items in order",
    },
)

_SPARSE: Final = tabulate(
    _WIRE, {"responses.output.sparse": "the terminal event repeats the items that are done"}, Severity.NOTICE
)

_ORDER: Final = tabulate(
    _EVENTS,
    {f"responses.{name}.order": f"{what} follow the order of {name} items" for name, what in registry().orders.items()},
)

RESPONSES_RULES: Final[tuple[Rule, ...]] = (*_FRAMING, *_LIFE, *_STATUS, *_ITEMS, *_SPARSE, *_ORDER)


_CHUNKS: Final = "OpenAI API reference, chat completion chunks"
_COMPLETION: Final = "OpenAI API reference, the chat completion object"
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
            "chat.usage.place": "usage has its own chunk, or the place of the dialect",
            "chat.usage.last": "no choice follows the usage chunk",
            "chat.usage.null": "chunks before the usage chunk have usage null, or none, by the dialect",
            "chat.terminal.missing": "the stream does not end in the middle of an answer",
            "chat.done.missing": "[DONE] ends the stream",
        },
    ),
    *tabulate(
        _COMPLETION,
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
            "chat.role.once": "later chunks have no role, or all have it, by the dialect",
            "chat.finish.once": "a choice finishes once",
            "chat.finish.last": "no chunk of a choice follows its finish",
            "chat.finish.missing": "every choice finishes before [DONE]",
            "chat.finish.empty": "the finishing chunk has an empty delta",
            "chat.tool.sequence": "parallel tool calls are sent one after another",
            "chat.tool.later": "later fragments of a tool call have no id, type or name",
            "chat.chunk.empty": "no chunk is without choices, usage and moderation",
            "chat.chunk.order": "the usage chunk follows choices, a moderation chunk follows it",
            "chat.error.last": "nothing but [DONE] follows an error chunk",
            "chat.done.forbidden": "no [DONE] is sent where the upstream sends none",
            "chat.done.once": "[DONE] is sent once",
            "chat.done.last": "nothing follows [DONE]",
        },
    ),
)


COMPACTION_RULES: Final[tuple[Rule, ...]] = (
    *tabulate(
        "observed on the wire",
        {
            "compaction.item.last": "one compaction item ends the output",
            "compaction.messages": "only user messages stand before the compaction item",
            "compaction.stream": "a compaction is never streamed",
        },
    ),
    *tabulate(
        "OpenAI API reference, compact a response",
        {
            "compaction.item.id": "no two items have the same id",
            "compaction.usage.sum": "total_tokens is the sum of input_tokens and output_tokens",
            "compaction.usage.bounds": "no count is negative, and no share is above its whole",
        },
    ),
)


_SSE: Final = "WHATWG HTML, server-sent events"
_HTTP: Final = "RFC 9112, HTTP/1.1"

FRAMING_RULES: Final[tuple[Rule, ...]] = (
    *tabulate(
        _HTTP,
        {
            "http.head": "the status line and the header lines are well formed and end",
            "http.body.short": "the body has as many bytes as Content-Length says",
            "http.body.long": "nothing follows the body",
            "http.chunk": "every chunk has its size, its bytes and its line end",
            "http.chunk.last": "a chunked body ends with the last chunk",
            "http.coding": "the body is not compressed, so that it can be validated",
        },
    ),
    *tabulate(
        "OpenAI API reference",
        {
            "http.content_type": "a stream is text/event-stream, everything else application/json",
            "http.status": "an error envelope has an error status, everything else a status of 2xx",
            "reply.shape": "the reply is a chat completion, a response, a compaction or an error",
        },
    ),
    *tabulate(
        "RFC 8259, JSON", {"reply.json": "a reply that is not a stream is one JSON text without duplicate names"}
    ),
    *tabulate(
        _SSE,
        {
            "sse.utf8": "the stream is UTF-8",
            "sse.final_blank": "a blank line ends the last event",
            "sse.data": "every event has data",
        },
    ),
    *tabulate(
        _SSE,
        {
            "sse.bom": "no byte order mark stands before the stream",
            "sse.field": "every field is event, data, id or retry",
            "sse.id": "an id has no NUL",
            "sse.retry": "retry is a number of milliseconds",
        },
        Severity.NOTICE,
    ),
)


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {rule.id: rule for rule in (*RESPONSES_RULES, *CHAT_RULES, *COMPACTION_RULES, *SCHEMA_RULES, *FRAMING_RULES)}
)
