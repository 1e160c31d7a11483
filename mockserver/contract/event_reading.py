"""One event of a stream read as an object, whatever the shape of the stream."""

from __future__ import annotations

from typing import Final

from mockserver.contract.collector import FindingCollector
from mockserver.contract.json_diff import describe_value
from mockserver.contract.reply_contract import Requirement
from mockserver.model.events import Event
from mockserver.model.json import JSONObject, JSONReadError, read_text

DONE: Final = "[DONE]"


def is_done(event: Event) -> bool:
    """Whether the event is the marker that ends a stream."""
    return event.text is not None and event.text.strip() == DONE


def object_of(event: Event, area: str, findings: FindingCollector) -> JSONObject | None:
    """The event's object; where there is none the finding says why."""
    value = event.data
    if event.text is not None:
        read = read_text(event.text)
        if isinstance(read, JSONReadError):
            message = f"found {describe_value(event.text)}: {read.message}"
            findings.add(f"{area}.event.json", "", message, event.label)
            return None
        value = read
    if isinstance(value, dict):
        return value
    message = f"found {describe_value(value)}, an object would be right"
    findings.add(f"{area}.event.object", "", message, event.label)
    return None


def line_as_demanded(
    event: Event, demand: Requirement, area: str, findings: FindingCollector
) -> None:
    """Check that an `event:` line is there, or not, as the upstream has it."""
    if demand is Requirement.REQUIRED and event.name is None:
        message = "no event: line, one with the type would be right"
        findings.add(f"{area}.event.line", "", message, event.label)
    elif demand is Requirement.FORBIDDEN and event.name is not None:
        message = f"found event: {describe_value(event.name)}, none would be right"
        findings.add(f"{area}.event.line", "", message, event.label)
