"""The fault `framing`: the same events in another spelling of SSE."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from mockserver.faults.parsing import (
    FaultValueError,
    read_choice,
    read_flag,
    read_number,
    read_object,
    read_text,
)
from mockserver.faults.spec import FaultSpec, Stage
from mockserver.model.events import PLAIN, SseFormat
from mockserver.model.fault import FaultContext, Faults
from mockserver.model.json import JSON, JSONObject

_NEWLINES = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reformat:
    """Options by name, as the scenario writes them; a later fault's options win."""

    always: ClassVar[bool] = True
    streamed: ClassVar[bool] = True
    options: tuple[tuple[str, JSON], ...]

    def apply(self, spelling: SseFormat, _: FaultContext, /) -> SseFormat:
        for name, value in self.options:
            spelling = _OPTIONS[name](spelling, value, f"framing.{name}")
        return spelling


def _newline(spelling: SseFormat, value: JSON, path: str) -> SseFormat:
    return replace(spelling, newline=_NEWLINES[read_choice(value, path, _NEWLINES)])


def _comment(spelling: SseFormat, value: JSON, path: str) -> SseFormat:
    return replace(spelling, comment=read_text(value, path, "comment such as 'keep-alive'"))


def _id(spelling: SseFormat, value: JSON, path: str) -> SseFormat:
    return replace(spelling, id=read_flag(value, path))


def _retry(spelling: SseFormat, value: JSON, path: str) -> SseFormat:
    return replace(spelling, retry_ms=read_number(value, path, least=0))


def _split_data(spelling: SseFormat, value: JSON, path: str) -> SseFormat:
    return replace(spelling, split_data=read_flag(value, path))


def _space(spelling: SseFormat, value: JSON, path: str) -> SseFormat:
    return replace(spelling, space=read_flag(value, path))


def _final_blank(spelling: SseFormat, value: JSON, path: str) -> SseFormat:
    return replace(spelling, final_blank=read_flag(value, path))


def _event_lines(spelling: SseFormat, value: JSON, path: str) -> SseFormat:
    return replace(spelling, event_lines=read_flag(value, path))


_OPTIONS: Mapping[str, Callable[[SseFormat, JSON, str], SseFormat]] = {
    "newline": _newline,
    "comment": _comment,
    "id": _id,
    "retry": _retry,
    "split_data": _split_data,
    "space": _space,
    "final_blank": _final_blank,
    "event_lines": _event_lines,
}


def _build(value: JSON) -> Faults:
    mapping = read_object(value, "framing", _OPTIONS, "{newline: crlf}")
    if not mapping:
        raise FaultValueError("framing", "no option; write one, such as {newline: crlf}")
    fault = Reformat(options=tuple(mapping.items()))
    fault.apply(PLAIN, FaultContext())  # reads every value once, and so finds what is wrong with it
    return Faults(spelling=(fault,))


_FLAG: JSONObject = {"type": "boolean"}

SPEC = FaultSpec(
    name="framing",
    stages=(Stage.SPELLING,),
    written="framing: {newline: crlf, comment: keep-alive, id: true, retry: 1000, "
    "split_data: true, space: false, final_blank: false, event_lines: false}",
    about="the same events in other legal (or, without the final blank, lossy) SSE spelling",
    schema={
        "type": "object",
        "properties": {
            "newline": {"enum": list(_NEWLINES)},
            "comment": {"type": "string", "minLength": 1},
            "id": _FLAG,
            "retry": {"type": "integer", "minimum": 0},
            "split_data": _FLAG,
            "space": _FLAG,
            "final_blank": _FLAG,
            "event_lines": _FLAG,
        },
        "minProperties": 1,
        "additionalProperties": False,
    },
    build=_build,
)
