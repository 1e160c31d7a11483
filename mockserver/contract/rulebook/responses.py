"""Rules of a response, whole and streamed."""

from __future__ import annotations

from typing import Final

from mockserver.contract.rule import Rule, tabulate

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
            "responses.event.type": "every event says its type",
            "responses.event.unknown": "every event type is one the upstream knows",
            "responses.event.name": "the `event:` line says the same as the type",
            "responses.sequence": "sequence_number counts the events from 0, or no event has one",
        },
    ),
    *tabulate(
        _WIRE,
        {"responses.event.line": "`event:` lines stand before every event, or none, as agreed"},
    ),
)

_LIFE: Final = (
    *tabulate(
        _EVENTS,
        {
            "responses.created.first": "the stream begins with response.created",
            "responses.life.order": "created, queued, in_progress come once, in this order, first",
            "responses.in_progress.missing": "only a failed stream can do without in_progress",
            "responses.terminal.missing": "the stream ends with a terminal event or an error",
            "responses.terminal.one": "there is one terminal event",
            "responses.terminal.last": "only rate limits and [DONE] may follow the terminal event",
            "responses.running.status": "status is in_progress or queued until the terminal event",
            "responses.running.empty": "output, usage, error are empty until the terminal event",
            "responses.id.same": "the response keeps its id over the stream",
            "responses.created_at.same": "the response keeps its created_at over the stream",
            "responses.terminal.status": "the status in a terminal event is the one it announces",
            "responses.error.shape": "an error event has its message, at the top or in an error",
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
    *tabulate(
        _OPEN,
        {"responses.incomplete.item": "the last item of an incomplete response is incomplete"},
    ),
)

_ITEMS: Final = tabulate(
    _EVENTS,
    {
        "responses.output_index.order": "output_index counts the items from 0, each added once",
        "responses.item.unopened": "an item is added before anything is said of it",
        "responses.item.closed": "nothing is said of an item after output_item.done",
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
        "responses.refusal.same": "deltas, done, part, item and final response refuse alike",
        "responses.reasoning.same": "deltas, done, part, item and final response reason alike",
        "responses.summary.same": "deltas, done, part, item and final response summarise alike",
        "responses.arguments.same": "deltas, done, item and final response have the same arguments",
        "responses.input.same": "deltas, done, item and final response have the same input",
        "responses.code.same": "deltas, done, item and final response have the same code",
        "responses.command.same": "deltas, done and item have the same commands",
        "responses.diff.same": "deltas, done and item have the same diff",
        "responses.annotations.same": "as many annotations were added as the done part has",
        "responses.output.same": "the final output is the done items in order",
    },
)

_ORDER: Final = tabulate(
    _EVENTS,
    {
        f"responses.{name}.order": f"{what} follow the order of {name} items"
        for name, what in {
            "message": "parts, text, refusals and annotations",
            "reasoning": "summaries and reasoning text",
            "function_call": "argument deltas and their end",
            "custom_tool_call": "input deltas and their end",
            "web_search_call": "the steps of a search",
            "file_search_call": "the steps of a search",
            "code_interpreter_call": "the code and the steps of running it",
            "image_generation_call": "the steps and partial images",
            "mcp_list_tools": "the steps of listing",
            "mcp_call": "the arguments and the steps of the call",
            "shell_call": "the commands and their deltas",
            "shell_call_output": "the output and its deltas",
            "apply_patch_call": "the diff and its deltas",
            "compaction": "the steps of compacting",
            "other": "added and done alone",
        }.items()
    },
)

RESPONSES_RULES: Final[tuple[Rule, ...]] = (*_FRAMING, *_LIFE, *_STATUS, *_ITEMS, *_ORDER)
