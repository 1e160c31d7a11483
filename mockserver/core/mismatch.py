"""One condition that differs, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """`path` names the condition and the place in it (`body.messages[0].role`); `wanted` and `got`
    are texts for people, whole: eliding is the report's business."""

    path: str
    wanted: str
    got: str
