"""Every rule that a reply can break, the findings of them, and what every stream validator reads of an event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from mockserver.items import registry
from mockserver.model.findings import Finding, Rule, Severity
from mockserver.model.frames import Event
from mockserver.model.json import JSONObject, JSONReadError, describe_value, read_text


def _rules(table: str) -> tuple[Rule, ...]:
    """The rules of a table: each source, `notice: ` before it for that severity, and below it the
    ids with their meanings."""
    found: list[Rule] = []
    source, severity = "", Severity.ERROR
    for line in table.strip().splitlines():
        name, _, meaning = line.strip().partition("  ")
        if meaning:
            found.append(Rule(id=name, meaning=meaning, source=source, severity=severity))
        else:
            severity = Severity.NOTICE if name.startswith("notice: ") else Severity.ERROR
            source = name.removeprefix("notice: ")
    return tuple(found)


_SCHEMA: Final = """
{source}
    {area}.schema.required  every required member of {objects} is present
    {area}.schema.type  every member of {objects} has its JSON type
    {area}.schema.value  closed members of {objects} hold a documented value
observed on the wire
    {area}.schema.absent  members that this upstream never sends are absent from {objects}
notice: {source}
    {area}.schema.unknown  the members of {objects}, and the types of what they hold, are known ones
"""
_AREAS: Final = (
    ("responses", "a response, its items and its events", "OpenAI API reference, Responses"),
    ("chat", "a chat completion and its chunks", "OpenAI API reference, Chat Completions"),
    ("compaction", "a compacted response", "OpenAI API reference, compact a response"),
    ("error", "the error envelope", "OpenAI API reference, error codes"),
)
SCHEMA_RULES: Final = _rules(
    "".join(_SCHEMA.format(area=area, objects=objects, source=source) for area, objects, source in _AREAS)
)

_ORDERS: Final = "".join(
    f"    responses.{name}.order  {what} follow the order of {name} items\n" for name, what in registry().orders.items()
)
RESPONSES_RULES: Final = _rules(f"""
OpenAI API reference, streaming events
    responses.event.json  the data of every event is one JSON text
    responses.event.object  the data of every event is a JSON object
    responses.event.type  every event has its type
    responses.event.name  the `event:` line is equal to the type
    responses.sequence  sequence_number counts the events from 0, or no event has one
notice: OpenAI API reference, streaming events
    responses.event.unknown  every event type is a known one
observed on the wire
    responses.event.line  every event has an `event:` line, or none, by the dialect
OpenAI API reference, streaming events
    responses.created.first  the stream begins with response.created
    responses.life.order  created, queued, in_progress come once, in this order, first
    responses.in_progress.missing  only a failed stream lacks in_progress
    responses.terminal.missing  a terminal event or an error ends the stream
    responses.terminal.one  there is one terminal event
    responses.terminal.last  only rate limits and [DONE] may follow the terminal event
    responses.running.status  status is in_progress or queued until the terminal event
    responses.running.empty  output, usage, error are empty until the terminal event
    responses.id.same  the response keeps its id over the stream
    responses.created_at.same  the response keeps its created_at over the stream
    responses.terminal.status  the status in a terminal event is that of its type
    responses.error.shape  an error event has a message, at the top or in an error object
observed on the wire
    responses.completed.after_error  no stream completes after an error event
    responses.error.last  only response.failed may follow an error event
    responses.done.forbidden  no [DONE] is sent where the upstream sends none
    responses.done.missing  [DONE] ends the stream where the upstream sends it
    responses.done.last  nothing follows [DONE]
OpenAI API reference, the response object
    responses.completed.clean  a completed response has no error and is not incomplete
    responses.completed.items  no item of a completed response is in progress
    responses.usage.set  a completed or incomplete response has its usage
    responses.incomplete.reason  an incomplete response gives the reason
    responses.failed.error  a failed response has an error of code and message
    responses.item.id  no two items have the same id
    responses.output_text.same  output_text, where sent, is the text of all messages
    responses.usage.sum  total_tokens is the sum of input_tokens and output_tokens
    responses.usage.bounds  no count is negative, and no part exceeds its total
Open Responses specification
    responses.incomplete.item  the last item of an incomplete response is incomplete
OpenAI API reference, streaming events
    responses.output_index.order  output_index counts the items from 0, each added once
    responses.item.unopened  an item is added before other events of it
    responses.item.closed  no event of an item follows its output_item.done
    responses.item.unclosed  every item is done before the response completes
    responses.item.overlap  an item is done before the next is added
    responses.item_id.same  item_id is the id of the item at that output_index
    responses.item.same  an item keeps its id, type, role, call_id and name
    responses.item.empty  an item is empty when added
    responses.item.status.added  an item is in progress when added
    responses.item.status.done  a done item has the final status that its events imply
    responses.content_index.order  content_index counts the parts of an item from 0
    responses.summary_index.order  summary_index counts the summaries of an item from 0
    responses.annotation_index.order  annotation_index counts the annotations from 0
    responses.partial_image_index.order  partial_image_index counts the images from 0
    responses.command_index.order  command_index counts the commands from 0
    responses.part.empty  a part is empty when added
    responses.part.same  a part keeps its type, and is among the content of the done item
    responses.text.same  deltas, done, part, item and final response have the same text
    responses.refusal.same  deltas, done, part, item and response have the same refusal
    responses.reasoning.same  deltas, done, part, item and response have the same reasoning
    responses.summary.same  deltas, done, part, item and response have the same summary
    responses.arguments.same  deltas, done, item and final response have the same arguments
    responses.input.same  deltas, done, item and final response have the same input
    responses.code.same  deltas, done, item and final response have the same code
    responses.command.same  deltas, done and item have the same commands
    responses.diff.same  deltas, done and item have the same diff
    responses.annotations.same  as many annotations were added as the done part has
    responses.output.same  the final output is the done items in order
notice: observed on the wire
    responses.output.sparse  the terminal event repeats the items that are done
OpenAI API reference, streaming events
{_ORDERS}
""")

CHAT_RULES: Final = _rules("""
OpenAI API reference, chat completion chunks
    chat.event.json  every chunk is one JSON text
    chat.event.object  every chunk is a JSON object
    chat.id.same  all chunks have the same id
    chat.created.same  all chunks have the same created
    chat.model.same  all chunks have the same model
    chat.role.first  the first chunk of a choice has the role
    chat.tool.order  tool calls are numbered in order of appearance, without a gap
    chat.tool.first  the first fragment of a tool call has id, type and name
    chat.usage.one  usage is sent once
    chat.usage.place  usage has its own chunk, or the place of the dialect
    chat.usage.last  no choice follows the usage chunk
    chat.usage.null  chunks before the usage chunk have usage null, or none, by the dialect
    chat.terminal.missing  the stream does not end in the middle of an answer
    chat.done.missing  [DONE] ends the stream
OpenAI API reference, the chat completion object
    chat.choice.order  the choices are numbered from 0 without a gap
    chat.tool.id  no two tool calls have the same id
    chat.finish.tools  finish_reason tool_calls or function_call comes with such a call
    chat.usage.sum  total_tokens is the sum of prompt_tokens and completion_tokens
    chat.usage.bounds  no count is negative, and no part exceeds its total
observed on the wire
    chat.event.line  chunks have no `event:` line
    chat.role.once  later chunks have no role, or all have it, by the dialect
    chat.finish.once  a choice finishes once
    chat.finish.last  no chunk of a choice follows its finish
    chat.finish.missing  every choice finishes before [DONE]
    chat.finish.empty  the finishing chunk has an empty delta
    chat.tool.sequence  parallel tool calls are sent one after another
    chat.tool.later  later fragments of a tool call have no id, type or name
    chat.chunk.empty  no chunk is without choices, usage and moderation
    chat.chunk.order  the usage chunk follows choices, a moderation chunk follows it
    chat.error.last  nothing but [DONE] follows an error chunk
    chat.done.forbidden  no [DONE] is sent where the upstream sends none
    chat.done.once  [DONE] is sent once
    chat.done.last  nothing follows [DONE]
""")

COMPACTION_RULES: Final = _rules("""
observed on the wire
    compaction.item.last  one compaction item ends the output
    compaction.messages  only user messages precede the compaction item
    compaction.stream  a compaction is never a stream
OpenAI API reference, compact a response
    compaction.item.id  no two items have the same id
    compaction.usage.sum  total_tokens is the sum of input_tokens and output_tokens
    compaction.usage.bounds  no count is negative, and no part exceeds its total
""")

FRAMING_RULES: Final = _rules("""
RFC 9112, HTTP/1.1
    http.head  the status line and the header lines are well formed and end
    http.body.short  the length of the body is its Content-Length
    http.body.long  nothing follows the body
    http.chunk  every chunk has its size, its bytes and its line end
    http.chunk.last  a chunked body ends with the last chunk
    http.coding  the body is not compressed, so that it can be validated
OpenAI API reference
    http.content_type  a stream is text/event-stream, everything else application/json
    http.status  an error envelope has an error status, everything else a status of 2xx
    reply.shape  the reply is a chat completion, a response, a compaction or an error
RFC 8259, JSON
    reply.json  a reply that is not a stream is one JSON text without duplicate names
WHATWG HTML, server-sent events
    sse.utf8  the stream is UTF-8
    sse.final_blank  a blank line ends the last event
    sse.data  every event has data
notice: WHATWG HTML, server-sent events
    sse.bom  no byte order mark precedes the stream
    sse.field  every field is event, data, id or retry
    sse.id  an id has no NUL
    sse.retry  retry is a number of milliseconds
""")

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {rule.id: rule for rule in (*RESPONSES_RULES, *CHAT_RULES, *COMPACTION_RULES, *SCHEMA_RULES, *FRAMING_RULES)}
)

DONE: Final = "[DONE]"

_MAX_PER_RULE: Final = 20
_MORE: Final = " (further findings of this rule are not listed)"


def finding(rule: str, path: str, message: str, *, notice: bool = False) -> Finding:
    """A finding of a known rule, with the severity of that rule, or a `notice`."""
    severity = Severity.NOTICE if notice else RULES[rule].severity
    return Finding(rule=rule, path=path, message=message, severity=severity)


class FindingCollector:
    """Findings in the order in which they were added.

    Findings of ignored rules are dropped. Of each rule the first 20 are kept, and the last of them
    says that there are more: a stream of ten thousand events with a wrong id is one mistake."""

    __slots__ = ("_counts", "_ignored_rules", "_kept")

    def __init__(self, ignored_rules: frozenset[str] = frozenset()) -> None:
        self._ignored_rules = ignored_rules
        self._kept: list[Finding] = []
        self._counts: Counter[str] = Counter()

    def add(self, rule: str, path: str, message: str, event: str | None = None) -> None:
        """Add one finding; `event` is the label of the event concerned."""
        self.extend((finding(rule, path, message),), event)

    def extend(self, findings: Iterable[Finding], event: str | None = None) -> None:
        """Add findings, all in the event of that label."""
        for one in findings:
            if one.rule in self._ignored_rules:
                continue
            self._counts[one.rule] += 1
            count = self._counts[one.rule]
            if count <= _MAX_PER_RULE:
                message = one.message + _MORE if count == _MAX_PER_RULE else one.message
                self._kept.append(replace(one, message=message, event=event))

    def all(self) -> tuple[Finding, ...]:
        return tuple(self._kept)


def is_done(event: Event) -> bool:
    return event.text is not None and event.text.strip() == DONE


def event_object(event: Event, area: str, findings: FindingCollector) -> JSONObject | None:
    """The JSON object in an event, or None with a finding that gives the reason."""
    value = event.data
    if event.text is not None:
        read = read_text(event.text)
        if isinstance(read, JSONReadError):
            message = f"{describe_value(event.text)} is not JSON: {read.message}"
            findings.add(f"{area}.event.json", "", message, event.label)
            return None
        value = read
    if isinstance(value, dict):
        return value
    findings.add(f"{area}.event.object", "", f"expected an object, got {describe_value(value)}", event.label)
    return None


def check_event_line(event: Event, requirement: str, area: str, findings: FindingCollector) -> None:
    """Check that an `event:` line is present where it is `required`, absent where `forbidden`."""
    if requirement == "required" and event.name is None:
        message = "expected an event: line with the type, got none"
    elif requirement == "forbidden" and event.name is not None:
        message = f"expected no event: line, got {describe_value(event.name)}"
    else:
        return
    findings.add(f"{area}.event.line", "", message, event.label)
