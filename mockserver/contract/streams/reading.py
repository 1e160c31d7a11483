"""One event of a stream read as an object, whatever the shape of the stream."""

from __future__ import annotations

from typing import Final

from mockserver.contract.replies.contract import Demand
from mockserver.contract.replies.remark import Findings
from mockserver.contract.replies.shown import shown
from mockserver.core.event import Event
from mockserver.core.jsontext import JSONFault, Object, read_text

DONE: Final = "[DONE]"


def is_done(event: Event) -> bool:
    """Whether the event is the marker that ends a stream."""
    return event.text is not None and event.text.strip() == DONE


def object_of(event: Event, area: str, findings: Findings) -> Object | None:
    """The event's object; where there is none the finding says why."""
    value = event.data
    if event.text is not None:
        read = read_text(event.text)
        if isinstance(read, JSONFault):
            message = f"found {shown(event.text)}: {read.message}"
            findings.add(f"{area}.event.json", "", message, event.label)
            return None
        value = read
    if isinstance(value, dict):
        return value
    message = f"found {shown(value)}, an object would be right"
    findings.add(f"{area}.event.object", "", message, event.label)
    return None


def line_as_demanded(event: Event, demand: Demand, area: str, findings: Findings) -> None:
    """Check that an `event:` line is there, or not, as the upstream has it."""
    if demand is Demand.REQUIRED and event.name is None:
        message = "no event: line, one with the type would be right"
        findings.add(f"{area}.event.line", "", message, event.label)
    elif demand is Demand.FORBIDDEN and event.name is not None:
        message = f"found event: {shown(event.name)}, none would be right"
        findings.add(f"{area}.event.line", "", message, event.label)
