"""What the status of a response says about its other members, streamed or whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from mockserver.contract.replies.remark import Remark
from mockserver.contract.replies.sameness import text_difference
from mockserver.contract.replies.shown import shown
from mockserver.contract.replies.usage_rules import RESPONSES_USAGE, usage_remarks
from mockserver.core.jsontext import JSON, Object

RUNNING: Final = frozenset({"queued", "in_progress"})
UNFINISHED: Final = frozenset({"in_progress", "searching", "interpreting", "generating", "calling"})

_UNSET_WHILE_RUNNING: Final = ("usage", "error", "incomplete_details", "completed_at")


def running_remarks(response: Object, statuses: frozenset[str], path: str) -> Iterator[Remark]:
    """Check a response that has not ended, whose status is among `statuses`."""
    status = response.get("status")
    if isinstance(status, str) and status not in statuses:
        wanted = " or ".join(sorted(statuses))
        message = f"found {shown(status)}, {wanted} would be right"
        yield Remark("responses.running.status", f"{path}status", message)
    if response.get("output") not in ([], None):
        message = f"found {shown(response['output'])}, an empty list would be right"
        yield Remark("responses.running.empty", f"{path}output", message)
    for name in _UNSET_WHILE_RUNNING:
        if response.get(name) is not None:
            message = f"found {shown(response[name])}, null would be right"
            yield Remark("responses.running.empty", f"{path}{name}", message)
    if response.get("output_text") not in ("", None):
        message = f"found {shown(response['output_text'])}, an empty text would be right"
        yield Remark("responses.running.empty", f"{path}output_text", message)


def ended_remarks(response: Object, path: str) -> Iterator[Remark]:
    """Check a response that has ended, by the status it gives."""
    status = response.get("status")
    if isinstance(status, str) and status in _BY_STATUS:
        for rules in _BY_STATUS[status]:
            yield from rules(response, path)
    yield from _item_ids(response, path)
    yield from _output_text(response, path)
    yield from usage_remarks(response.get("usage"), RESPONSES_USAGE, "responses", f"{path}usage")


def items_of(response: Object) -> list[tuple[int, Object]]:
    """The output items that are objects, each with its index."""
    output = response.get("output")
    if not isinstance(output, list):
        return []
    return [(index, item) for index, item in enumerate(output) if isinstance(item, dict)]


def repeated_ids(items: list[tuple[int, Object]]) -> Iterator[tuple[int, str]]:
    """Index and id of each item whose id an earlier one has."""
    seen: set[str] = set()
    for index, item in items:
        name = item.get("id")
        if isinstance(name, str):
            if name in seen:
                yield index, name
            seen.add(name)


def _clean(response: Object, path: str) -> Iterator[Remark]:
    for name in ("error", "incomplete_details"):
        if response.get(name) is not None:
            message = f"found {shown(response[name])}, null would be right"
            yield Remark("responses.completed.clean", f"{path}{name}", message)


def _all_finished(response: Object, path: str) -> Iterator[Remark]:
    for index, item in items_of(response):
        status = item.get("status")
        if isinstance(status, str) and status in UNFINISHED:
            message = f"found {shown(status)} in a completed response"
            yield Remark("responses.completed.items", f"{path}output[{index}].status", message)


def _usage_set(response: Object, path: str) -> Iterator[Remark]:
    if response.get("usage") is None:
        message = f"{'null' if 'usage' in response else 'missing'}, usage would be right"
        yield Remark("responses.usage.set", f"{path}usage", message)


def _reason(response: Object, path: str) -> Iterator[Remark]:
    if response.get("incomplete_details") is None:
        message = "no reason, {'reason': …} would be right"
        yield Remark("responses.incomplete.reason", f"{path}incomplete_details", message)


def _last_incomplete(response: Object, path: str) -> Iterator[Remark]:
    items = items_of(response)
    if items:
        index, last = items[-1]
        status = last.get("status")
        if isinstance(status, str) and status != "incomplete":
            message = f"found {shown(status)}, incomplete would be right"
            yield Remark("responses.incomplete.item", f"{path}output[{index}].status", message)


def _error_given(response: Object, path: str) -> Iterator[Remark]:
    if not isinstance(response.get("error"), dict):
        message = (
            f"found {shown(response.get('error'))}, an error of code and message would be right"
        )
        yield Remark("responses.failed.error", f"{path}error", message)


def _item_ids(response: Object, path: str) -> Iterator[Remark]:
    for index, name in repeated_ids(items_of(response)):
        message = f"found {shown(name)} again, an id of its own would be right"
        yield Remark("responses.item.id", f"{path}output[{index}].id", message)


def _output_text(response: Object, path: str) -> Iterator[Remark]:
    found = response.get("output_text")
    if isinstance(found, str):
        wanted = "".join(_texts(response))
        if found != wanted:
            message = text_difference(found, wanted)
            yield Remark("responses.output_text.same", f"{path}output_text", message)


def _texts(response: Object) -> Iterator[str]:
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


_BY_STATUS: Final[Mapping[str, tuple[Callable[[Object, str], Iterator[Remark]], ...]]] = {
    "completed": (_clean, _all_finished, _usage_set),
    "incomplete": (_reason, _last_incomplete, _usage_set),
    "failed": (_error_given,),
}
