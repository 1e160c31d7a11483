"""The arithmetic of usage: totals are sums, shares are not above their wholes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mockserver.contract.collector import LocatedFinding
from mockserver.contract.json_diff import describe_value, member_path, text_difference
from mockserver.model.json import JSON, JSONObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic:
    """The names of one form of usage. `shares` maps each member of details to its whole; those of
    `together` add up to no more than `output`."""

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


def usage_remarks(usage: JSON, names: Arithmetic, area: str, path: str) -> Iterator[LocatedFinding]:
    """Check one usage; what has the wrong type is left to the schema."""
    if not isinstance(usage, dict):
        return
    given, made = _count(usage, names.input), _count(usage, names.output)
    total = _count(usage, "total_tokens")
    if given is not None and made is not None and total is not None and total != given + made:
        message = f"found {describe_value(total)}, {describe_value(given + made)} would be right"
        yield LocatedFinding(f"{area}.usage.sum", member_path(path, "total_tokens"), message)
    bounds = f"{area}.usage.bounds"
    for name in (names.input, names.output, "total_tokens"):
        count = _count(usage, name)
        if count is not None and count < 0:
            yield LocatedFinding(
                bounds, member_path(path, name), f"found {describe_value(count)}, below 0"
            )
    for (details, name), whole in names.shares.items():
        count, most = _share(usage, details, name), _count(usage, whole)
        where = member_path(member_path(path, details), name)
        if count is not None and count < 0:
            yield LocatedFinding(bounds, where, f"found {describe_value(count)}, below 0")
        elif count is not None and most is not None and count > most:
            yield LocatedFinding(
                bounds,
                where,
                f"found {describe_value(count)}, above {whole} of {describe_value(most)}",
            )
    parts = [_share(usage, details, name) or 0 for details, name in names.together]
    if made is not None and max(parts, default=0) <= made < sum(parts):
        where = member_path(path, names.together[0][0])
        message = f"predicted tokens add up to {describe_value(sum(parts))}, above {names.output} of {describe_value(made)}"
        yield LocatedFinding(bounds, where, message)


def _count(holder: JSONObject, name: str) -> int | None:
    value = holder.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _share(usage: JSONObject, details: str, name: str) -> int | None:
    holder = usage.get(details)
    return _count(holder, name) if isinstance(holder, dict) else None


RUNNING: Final = frozenset({"queued", "in_progress"})
UNFINISHED: Final = frozenset({"in_progress", "searching", "interpreting", "generating", "calling"})

_UNSET_WHILE_RUNNING: Final = ("usage", "error", "incomplete_details", "completed_at")


def running_remarks(
    response: JSONObject, statuses: frozenset[str], path: str
) -> Iterator[LocatedFinding]:
    """Check a response that has not ended, whose status is among `statuses`."""
    status = response.get("status")
    if isinstance(status, str) and status not in statuses:
        wanted = " or ".join(sorted(statuses))
        message = f"found {describe_value(status)}, {wanted} would be right"
        yield LocatedFinding("responses.running.status", f"{path}status", message)
    if response.get("output") not in ([], None):
        message = f"found {describe_value(response['output'])}, an empty list would be right"
        yield LocatedFinding("responses.running.empty", f"{path}output", message)
    for name in _UNSET_WHILE_RUNNING:
        if response.get(name) is not None:
            message = f"found {describe_value(response[name])}, null would be right"
            yield LocatedFinding("responses.running.empty", f"{path}{name}", message)
    if response.get("output_text") not in ("", None):
        message = f"found {describe_value(response['output_text'])}, an empty text would be right"
        yield LocatedFinding("responses.running.empty", f"{path}output_text", message)


def ended_remarks(response: JSONObject, path: str) -> Iterator[LocatedFinding]:
    """Check a response that has ended, by the status it gives."""
    status = response.get("status")
    if isinstance(status, str) and status in _BY_STATUS:
        for rules in _BY_STATUS[status]:
            yield from rules(response, path)
    yield from _item_ids(response, path)
    yield from _output_text(response, path)
    yield from usage_remarks(response.get("usage"), RESPONSES_USAGE, "responses", f"{path}usage")


def items_of(response: JSONObject) -> list[tuple[int, JSONObject]]:
    """The output items that are objects, each with its index."""
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


def _clean(response: JSONObject, path: str) -> Iterator[LocatedFinding]:
    for name in ("error", "incomplete_details"):
        if response.get(name) is not None:
            message = f"found {describe_value(response[name])}, null would be right"
            yield LocatedFinding("responses.completed.clean", f"{path}{name}", message)


def _all_finished(response: JSONObject, path: str) -> Iterator[LocatedFinding]:
    for index, item in items_of(response):
        status = item.get("status")
        if isinstance(status, str) and status in UNFINISHED:
            message = f"found {describe_value(status)} in a completed response"
            yield LocatedFinding(
                "responses.completed.items", f"{path}output[{index}].status", message
            )


def _usage_set(response: JSONObject, path: str) -> Iterator[LocatedFinding]:
    if response.get("usage") is None:
        message = f"{'null' if 'usage' in response else 'missing'}, usage would be right"
        yield LocatedFinding("responses.usage.set", f"{path}usage", message)


def _reason(response: JSONObject, path: str) -> Iterator[LocatedFinding]:
    if response.get("incomplete_details") is None:
        message = "no reason, {'reason': …} would be right"
        yield LocatedFinding("responses.incomplete.reason", f"{path}incomplete_details", message)


def _last_incomplete(response: JSONObject, path: str) -> Iterator[LocatedFinding]:
    items = items_of(response)
    if items:
        index, last = items[-1]
        status = last.get("status")
        if isinstance(status, str) and status != "incomplete":
            message = f"found {describe_value(status)}, incomplete would be right"
            yield LocatedFinding(
                "responses.incomplete.item", f"{path}output[{index}].status", message
            )


def _error_given(response: JSONObject, path: str) -> Iterator[LocatedFinding]:
    if not isinstance(response.get("error"), dict):
        message = f"found {describe_value(response.get('error'))}, an error of code and message would be right"
        yield LocatedFinding("responses.failed.error", f"{path}error", message)


def _item_ids(response: JSONObject, path: str) -> Iterator[LocatedFinding]:
    for index, name in repeated_ids(items_of(response)):
        message = f"found {describe_value(name)} again, an id of its own would be right"
        yield LocatedFinding("responses.item.id", f"{path}output[{index}].id", message)


def _output_text(response: JSONObject, path: str) -> Iterator[LocatedFinding]:
    found = response.get("output_text")
    if isinstance(found, str):
        wanted = "".join(_texts(response))
        if found != wanted:
            message = text_difference(found, wanted)
            yield LocatedFinding("responses.output_text.same", f"{path}output_text", message)


def _texts(response: JSONObject) -> Iterator[str]:
    for _, item in items_of(response):
        content = item.get("content")
        if item.get("type") == "message" and isinstance(content, list):
            for part in content:
                text = _text_of(part)
                if text is not None:
                    yield text


def _text_of(part: JSON) -> str | None:
    if isinstance(part, dict) and part.get("type") == "output_text":
        text = part.get("text")
        if isinstance(text, str):
            return text
    return None


_BY_STATUS: Final[
    Mapping[str, tuple[Callable[[JSONObject, str], Iterator[LocatedFinding]], ...]]
] = {
    "completed": (_clean, _all_finished, _usage_set),
    "incomplete": (_reason, _last_incomplete, _usage_set),
    "failed": (_error_given,),
}


# The finish reasons that speak of a member, which then must be there.
SPEAKS_OF: Final[Mapping[str, str]] = {
    "tool_calls": "tool_calls",
    "function_call": "function_call",
}


def completion_remarks(completion: JSONObject) -> Iterator[LocatedFinding]:
    """Check a whole chat completion."""
    choices = completion.get("choices")
    listed = choices if isinstance(choices, list) else []
    for place, choice in enumerate(listed):
        if isinstance(choice, dict):
            yield from _choice(choice, place)
    yield from usage_remarks(completion.get("usage"), CHAT_USAGE, "chat", "usage")


def reason_without(reason: JSON, said: Iterable[str], path: str) -> Iterator[LocatedFinding]:
    """Check that a finish reason which speaks of a call comes with one; `said` names members."""
    member = SPEAKS_OF.get(reason) if isinstance(reason, str) else None
    if member is not None and member not in said:
        message = f"found {describe_value(reason)}, but {member} was not sent"
        yield LocatedFinding("chat.finish.tools", path, message)


def _choice(choice: JSONObject, place: int) -> Iterator[LocatedFinding]:
    path = f"choices[{place}]"
    index = choice.get("index")
    if isinstance(index, int) and index != place:
        message = f"found {describe_value(index)}, {place} would be right"
        yield LocatedFinding("chat.choice.order", f"{path}.index", message)
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
                text = f"found {describe_value(name)} again, an id of its own would be right"
                yield LocatedFinding("chat.tool.id", where, text)
            seen.add(name)


# The second is the older name, which some clients still write and read.
_COMPACTION: Final = ("compaction", "compaction_summary")


def compaction_remarks(reply: JSONObject) -> Iterator[LocatedFinding]:
    """Check a compacted response: kept user messages, then one compaction item."""
    items = items_of(reply)
    if not items or items[-1][1].get("type") not in _COMPACTION:
        message = "the last item is no compaction item, one would be right"
        yield LocatedFinding("compaction.item.last", "output", message)
    for index, item in items[:-1]:
        if item.get("type") in _COMPACTION:
            message = "a compaction item before the end, one as the last item would be right"
            yield LocatedFinding("compaction.item.last", f"output[{index}]", message)
        elif item.get("type") != "message" or item.get("role") != "user":
            found = f"{describe_value(item.get('type'))} of role {describe_value(item.get('role'))}"
            message = f"found {found}, a message of role user would be right"
            yield LocatedFinding("compaction.messages", f"output[{index}]", message)
    for index, name in repeated_ids(items):
        message = f"found {describe_value(name)} again, an id of its own would be right"
        yield LocatedFinding("compaction.item.id", f"output[{index}].id", message)
    yield from usage_remarks(reply.get("usage"), RESPONSES_USAGE, "compaction", "usage")
