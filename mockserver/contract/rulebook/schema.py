"""Rules about the members of objects: the same five for each kind of reply."""

from __future__ import annotations

from typing import Final

from mockserver.contract.rule import Rule, tabulate
from mockserver.core.finding import Grade

_AREAS: Final = {
    "responses": ("a response, its items and its events", "OpenAI API reference, Responses"),
    "chat": ("a chat completion and its chunks", "OpenAI API reference, Chat Completions"),
    "compaction": ("a compacted response", "OpenAI API reference, compact a response"),
    "error": ("the error envelope", "OpenAI API reference, error codes"),
}


def _of(area: str, objects: str, source: str) -> tuple[Rule, ...]:
    return (
        *tabulate(
            source,
            {
                f"{area}.schema.required": f"every required member of {objects} is there",
                f"{area}.schema.type": f"every member of {objects} has its JSON type",
                f"{area}.schema.value": f"closed members of {objects} hold a documented value",
            },
        ),
        *tabulate(
            "observed on the wire",
            {f"{area}.schema.absent": f"{objects} lack the members this upstream never sends"},
        ),
        *tabulate(
            source,
            {f"{area}.schema.unknown": f"the members of {objects} are known ones"},
            Grade.NOTICE,
        ),
    )


SCHEMA_RULES: Final = tuple(
    rule for area, (objects, source) in _AREAS.items() for rule in _of(area, objects, source)
)
