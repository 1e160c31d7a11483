"""What must hold between the members of a reply: usage, statuses, ids, finish reasons.

Members of the wrong type are skipped here; the type tables report them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mockserver.contract.rules import finding
from mockserver.items import registry
from mockserver.model.findings import Finding
from mockserver.model.json import JSON, JSONObject, describe_value, member_path, text_difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic:
    """The member names of one form of usage. `shares` maps each member of details to its whole; the
    sum of `together` is at most `output`."""

    input: str
    output: str
    shares: Mapping[tuple[str, str], str]
    together: tuple[tuple[str, str], ...] = ()


def _shares(details: str, whole: str, *names: str) -> dict[tuple[str, str], str]:
    return {(details, name): whole for name in names}


RESPONSES_USAGE: Final = Arithmetic(
    input="input_tokens",
    output="output_tokens",
    shares={
        **_shares("input_tokens_details", "input_tokens", "cached_tokens", "cache_write_tokens"),
        **_shares("output_tokens_details", "output_tokens", "reasoning_tokens"),
    },
)

_PREDICTED: Final = ("accepted_prediction_tokens", "rejected_prediction_tokens")

CHAT_USAGE: Final = Arithmetic(
    input="prompt_tokens",
    output="completion_tokens",
    shares={
        **_shares(
            "prompt_tokens_details",
            "prompt_tokens",
            *("cached_tokens", "cache_write_tokens", "audio_tokens", "text_tokens", "image_tokens"),
        ),
        **_shares(
            "completion_tokens_details",
            "completion_tokens",
            *("reasoning_tokens", "audio_tokens", "text_tokens", *_PREDICTED),
        ),
    },
    together=tuple(("completion_tokens_details", name) for name in _PREDICTED),
)


def usage_findings(usage: JSON, names: Arithmetic, area: str, path: str) -> Iterator[Finding]:
    """Check one usage: totals are sums, and no share exceeds its whole."""
    if not isinstance(usage, dict):
        return
    inputs, outputs = _count(usage, names.input), _count(usage, names.output)
    total = _count(usage, "total_tokens")
    if inputs is not None and outputs is not None and total is not None and total != inputs + outputs:
        message = f"expected {describe_value(inputs + outputs)}, got {describe_value(total)}"
        yield finding(f"{area}.usage.sum", member_path(path, "total_tokens"), message)
    bounds = f"{area}.usage.bounds"
    for name in (names.input, names.output, "total_tokens"):
        count = _count(usage, name)
        if count is not None and count < 0:
            yield finding(bounds, member_path(path, name), f"expected at least 0, got {describe_value(count)}")
    for (details, name), whole in names.shares.items():
        count, most = _share(usage, details, name), _count(usage, whole)
        where = member_path(member_path(path, details), name)
        if count is not None and count < 0:
            yield finding(bounds, where, f"expected at least 0, got {describe_value(count)}")
        elif count is not None and most is not None and count > most:
            yield finding(
                bounds, where, f"expected at most {describe_value(most)} as {whole}, got {describe_value(count)}"
            )
    parts = [_share(usage, details, name) or 0 for details, name in names.together]
    if outputs is not None and max(parts, default=0) <= outputs < sum(parts):
        where = member_path(path, names.together[0][0])
        message = (
            f"expected predicted tokens of at most {describe_value(outputs)} as {names.output}, "
            f"got {describe_value(sum(parts))}"
        )
        yield finding(bounds, where, message)


def _count(holder: JSONObject, name: str) -> int | None:
    value = holder.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _share(usage: JSONObject, details: str, name: str) -> int | None:
    holder = usage.get(details)
    return _count(holder, name) if isinstance(holder, dict) else None


RUNNING: Final = frozenset({"queued", "in_progress"})


def is_running(response: JSONObject) -> bool:
    status = response.get("status")
    return isinstance(status, str) and status in RUNNING


UNFINISHED: Final = frozenset({"in_progress", "searching", "interpreting", "generating", "calling"})

_UNSET_WHILE_RUNNING: Final = ("usage", "error", "incomplete_details", "completed_at")


def running_findings(response: JSONObject, statuses: frozenset[str], path: str) -> Iterator[Finding]:
    """Check a response that has not ended; its status must be among `statuses`."""
    status = response.get("status")
    if isinstance(status, str) and status not in statuses:
        expected = " or ".join(sorted(statuses))
        yield finding("responses.running.status", f"{path}status", f"expected {expected}, got {describe_value(status)}")
    if response.get("output") not in ([], None):
        message = f"expected an empty list, got {describe_value(response['output'])}"
        yield finding("responses.running.empty", f"{path}output", message)
    for name in _UNSET_WHILE_RUNNING:
        if response.get(name) is not None:
            message = f"expected null, got {describe_value(response[name])}"
            yield finding("responses.running.empty", f"{path}{name}", message)
    if response.get("output_text") not in ("", None):
        message = f"expected an empty text, got {describe_value(response['output_text'])}"
        yield finding("responses.running.empty", f"{path}output_text", message)


def ended_findings(response: JSONObject, path: str) -> Iterator[Finding]:
    """Check a response that has ended, by the status it gives."""
    status = response.get("status")
    if isinstance(status, str) and status in _BY_STATUS:
        for rules in _BY_STATUS[status]:
            yield from rules(response, path)
    yield from _item_ids(response, path)
    yield from _output_text(response, path)
    yield from usage_findings(response.get("usage"), RESPONSES_USAGE, "responses", f"{path}usage")


def items_of(response: JSONObject) -> list[tuple[int, JSONObject]]:
    output = response.get("output")
    if not isinstance(output, list):
        return []
    return [(index, item) for index, item in enumerate(output) if isinstance(item, dict)]


def repeated_ids(items: list[tuple[int, JSONObject]]) -> Iterator[tuple[int, str]]:
    """Index and id of each item whose id an earlier one has."""
    seen: set[str] = set()
    for index, item in items:
        name = item.get("id")
        if isinstance(name, str):
            if name in seen:
                yield index, name
            seen.add(name)


def _clean(response: JSONObject, path: str) -> Iterator[Finding]:
    for name in ("error", "incomplete_details"):
        if response.get(name) is not None:
            message = f"expected null, got {describe_value(response[name])}"
            yield finding("responses.completed.clean", f"{path}{name}", message)


def _all_finished(response: JSONObject, path: str) -> Iterator[Finding]:
    for index, item in items_of(response):
        status = item.get("status")
        if isinstance(status, str) and status in UNFINISHED and not may_stay_unfinished(item):
            message = f"expected a final status, got {describe_value(status)}"
            yield finding("responses.completed.items", f"{path}output[{index}].status", message)


def _usage_set(response: JSONObject, path: str) -> Iterator[Finding]:
    if response.get("usage") is None:
        message = f"expected usage, got {'null' if 'usage' in response else 'none'}"
        yield finding("responses.usage.set", f"{path}usage", message)


def _reason(response: JSONObject, path: str) -> Iterator[Finding]:
    if response.get("incomplete_details") is None:
        yield finding("responses.incomplete.reason", f"{path}incomplete_details", "expected {'reason': …}, got none")


def may_stay_unfinished(item: JSONObject) -> bool:
    """Whether an item may be in progress at its end: a call that a program made, and some types."""
    caller, kind = item.get("caller"), item.get("type")
    by_program = isinstance(caller, dict) and caller.get("type") == "program"
    return by_program or (isinstance(kind, str) and registry().spec(kind).unfinished)


def _last_incomplete(response: JSONObject, path: str) -> Iterator[Finding]:
    details = response.get("incomplete_details")
    if isinstance(details, dict) and details.get("reason") == "steered":
        return  # a steered response ends between items
    items = items_of(response)
    if items:
        index, last = items[-1]
        status = last.get("status")
        if isinstance(status, str) and status != "incomplete":
            message = f"expected incomplete, got {describe_value(status)}"
            yield finding("responses.incomplete.item", f"{path}output[{index}].status", message)


def _error_given(response: JSONObject, path: str) -> Iterator[Finding]:
    if not isinstance(response.get("error"), dict):
        message = f"expected an error of code and message, got {describe_value(response.get('error'))}"
        yield finding("responses.failed.error", f"{path}error", message)


def _item_ids(response: JSONObject, path: str) -> Iterator[Finding]:
    for index, name in repeated_ids(items_of(response)):
        message = f"expected a unique id, got {describe_value(name)} again"
        yield finding("responses.item.id", f"{path}output[{index}].id", message)


def _output_text(response: JSONObject, path: str) -> Iterator[Finding]:
    found = response.get("output_text")
    if isinstance(found, str):
        expected = "".join(_texts(response))
        if found != expected:
            yield finding("responses.output_text.same", f"{path}output_text", text_difference(found, expected))


def _texts(response: JSONObject) -> Iterator[str]:
    for _, item in items_of(response):
        content = item.get("content")
        for part in content if item.get("type") == "message" and isinstance(content, list) else ():
            text = part.get("text") if isinstance(part, dict) and part.get("type") == "output_text" else None
            if isinstance(text, str):
                yield text


_BY_STATUS: Final[Mapping[str, tuple[Callable[[JSONObject, str], Iterator[Finding]], ...]]] = {
    "completed": (_clean, _all_finished, _usage_set),
    "incomplete": (_reason, _last_incomplete, _usage_set),
    "failed": (_error_given,),
}


# Finish reasons that require a member in the message.
REQUIRED_BY_REASON: Final[Mapping[str, str]] = {"tool_calls": "tool_calls", "function_call": "function_call"}


def completion_findings(completion: JSONObject) -> Iterator[Finding]:
    choices = completion.get("choices")
    listed = choices if isinstance(choices, list) else []
    for place, choice in enumerate(listed):
        if isinstance(choice, dict):
            yield from _choice(choice, place)
    yield from usage_findings(completion.get("usage"), CHAT_USAGE, "chat", "usage")


def finish_reason_findings(reason: JSON, sent: Iterable[str], path: str) -> Iterator[Finding]:
    """Check that a finish reason about a call comes with one; `sent` are the message's members."""
    member = REQUIRED_BY_REASON.get(reason) if isinstance(reason, str) else None
    if member is not None and member not in sent:
        yield finding("chat.finish.tools", path, f"{describe_value(reason)} without {member}")


def _choice(choice: JSONObject, place: int) -> Iterator[Finding]:
    path = f"choices[{place}]"
    index = choice.get("index")
    if isinstance(index, int) and index != place:
        yield finding("chat.choice.order", f"{path}.index", f"expected {place}, got {describe_value(index)}")
    message = choice.get("message")
    if not isinstance(message, dict):
        return
    sent = [name for name, value in message.items() if value]
    yield from finish_reason_findings(choice.get("finish_reason"), sent, f"{path}.finish_reason")
    calls = message.get("tool_calls")
    listed = enumerate(calls if isinstance(calls, list) else [])
    for number, name in repeated_ids([(place, one) for place, one in listed if isinstance(one, dict)]):
        where = f"{path}.message.tool_calls[{number}].id"
        yield finding("chat.tool.id", where, f"expected a unique id, got {describe_value(name)} again")


# The second is the older name, which some clients still use.
_COMPACTION: Final = ("compaction", "compaction_summary")


def compaction_findings(reply: JSONObject) -> Iterator[Finding]:
    """Check a compacted response: kept user messages, then one compaction item."""
    items = items_of(reply)
    if not items or items[-1][1].get("type") not in _COMPACTION:
        yield finding("compaction.item.last", "output", "expected a compaction item as the last item")
    for index, item in items[:-1]:
        if item.get("type") in _COMPACTION:
            yield finding("compaction.item.last", f"output[{index}]", "expected the compaction item as the last item")
        elif item.get("type") != "message" or item.get("role") != "user":
            found = f"{describe_value(item.get('type'))} of role {describe_value(item.get('role'))}"
            yield finding("compaction.messages", f"output[{index}]", f"expected a message of role user, got {found}")
    for index, name in repeated_ids(items):
        message = f"expected a unique id, got {describe_value(name)} again"
        yield finding("compaction.item.id", f"output[{index}].id", message)
    yield from usage_findings(reply.get("usage"), RESPONSES_USAGE, "compaction", "usage")
