"""The fault `framing`: the same events in another spelling of SSE."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from mockserver.core.fault import Faults, Scene
from mockserver.core.jsontext import JSON, Object
from mockserver.core.spelling import PLAIN, Spelling
from mockserver.faults.reading import (
    FaultValueError,
    read_choice,
    read_flag,
    read_number,
    read_object,
    read_text,
)
from mockserver.faults.spec import FaultSpec, Stage

_NEWLINES = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Respell:
    """Options by name, as the scenario writes them; a later fault's options win."""

    certain: ClassVar[bool] = True
    streamed: ClassVar[bool] = True
    options: tuple[tuple[str, JSON], ...]

    def alter(self, spelling: Spelling, _: Scene, /) -> Spelling:
        for name, value in self.options:
            spelling = _OPTIONS[name](spelling, value, f"framing.{name}")
        return spelling


def _newline(spelling: Spelling, value: JSON, path: str) -> Spelling:
    return replace(spelling, newline=_NEWLINES[read_choice(value, path, _NEWLINES)])


def _comment(spelling: Spelling, value: JSON, path: str) -> Spelling:
    return replace(spelling, comment=read_text(value, path, "comment such as 'keep-alive'"))


def _id(spelling: Spelling, value: JSON, path: str) -> Spelling:
    return replace(spelling, id=read_flag(value, path))


def _retry(spelling: Spelling, value: JSON, path: str) -> Spelling:
    return replace(spelling, retry_ms=read_number(value, path, least=0))


def _split_data(spelling: Spelling, value: JSON, path: str) -> Spelling:
    return replace(spelling, split_data=read_flag(value, path))


def _space(spelling: Spelling, value: JSON, path: str) -> Spelling:
    return replace(spelling, space=read_flag(value, path))


def _final_blank(spelling: Spelling, value: JSON, path: str) -> Spelling:
    return replace(spelling, final_blank=read_flag(value, path))


def _event_lines(spelling: Spelling, value: JSON, path: str) -> Spelling:
    return replace(spelling, event_lines=read_flag(value, path))


_OPTIONS: Mapping[str, Callable[[Spelling, JSON, str], Spelling]] = {
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
    fault = Respell(options=tuple(mapping.items()))
    fault.alter(PLAIN, Scene())  # reads every value once, and so finds what is wrong with it
    return Faults(spelling=(fault,))


_FLAG: Object = {"type": "boolean"}

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
