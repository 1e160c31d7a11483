"""What a reply looks like by model: one table by name pattern, each row with its date and source.

Every row whose pattern matches a whole name adds to what the rows before it say. A model that no
pattern names has none of this, so that invented names get the form that all models had once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from mockserver.model.json import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTraits:
    """`effort` is the reasoning effort of a request that names none, None for a model that does not
    reason. `logprobs` says whether choices of chat without any have `logprobs: null`, `phase`
    whether messages have a phase. `reasoning` are the members of a response's `reasoning` with
    their defaults, None for effort and summary as asked. `retention` is the default of
    `prompt_cache_retention`, `snapshot` the name that replies have in place of the one asked for.
    With `bare_audio` a chat stream with audio has no finish, and usage before its last audio."""

    named: bool = False
    effort: str | None = None
    logprobs: bool = True
    phase: bool = False
    reasoning: Mapping[str, JSON] | None = None
    retention: str | None = None
    snapshot: str | None = None
    bare_audio: bool = False

    @property
    def reasons(self) -> bool:
        """Whether it is a reasoning model, whatever its effort."""
        return self.effort is not None


@dataclass(frozen=True, slots=True)
class TraitRow:
    """Traits of the models whose whole name matches `models`; seen up to `date`."""

    models: str
    date: str
    source: str
    traits: Mapping[str, object]


_RECORDED: Final = "recorded replies"
_LISTED: Final = "recorded replies, list of models of the API"
# The families whose `-chat` and `-search` models are of another kind, of which too little was seen.
_REASONING: Final = r"(o[134]|gpt-[56])(?!.*-(chat|search))"
_TAIL: Final = r"(-[a-z0-9.-]+)?"

TRAITS: Final[tuple[TraitRow, ...]] = (
    TraitRow(
        rf"gpt-(3\.5|4|4o|4\.1|4\.5){_TAIL}",
        "2026-08",
        _RECORDED,
        {"retention": "in_memory", "reasoning": {"context": None, "effort": None, "summary": None}},
    ),
    TraitRow(
        rf"{_REASONING}(\.\d+)?{_TAIL}",
        "2026-08",
        _RECORDED,
        {
            "effort": "medium",
            "logprobs": False,
            "retention": "in_memory",
            "reasoning": {"context": "current_turn", "effort": "medium", "mode": "standard", "summary": None},
        },
    ),
    TraitRow(
        rf"gpt-5\.[124](?!.*-(chat|search|pro|codex)){_TAIL}",
        "2026-08",
        _RECORDED,
        {
            "effort": "none",
            "reasoning": {"context": "current_turn", "effort": "none", "mode": "standard", "summary": None},
        },
    ),
    TraitRow(rf"gpt-(5\.(3-codex|[456])|6){_TAIL}", "2026-10", _RECORDED, {"phase": True}),
    TraitRow(rf"gpt-(5\.[56]|6){_TAIL}", "2026-10", _RECORDED, {"retention": "24h"}),
    TraitRow(
        rf"gpt-(5\.6|6){_TAIL}",
        "2026-10",
        _RECORDED,
        {"reasoning": {"context": "all_turns", "effort": "medium", "mode": "standard", "summary": None}},
    ),
    TraitRow(r"gpt-audio-1\.5(-\d{4}-\d\d-\d\d)?", "2026-06", _RECORDED, {"bare_audio": True}),
    *(
        TraitRow(re.escape(name), "2026-08", _LISTED, {"snapshot": f"{name}-{date}"})
        for name, date in {
            "gpt-3.5-turbo": "0125",
            "gpt-4": "0613",
            "gpt-4-turbo": "2024-04-09",
            "gpt-4o": "2024-08-06",
            "gpt-4o-mini": "2024-07-18",
            "gpt-4.1": "2025-04-14",
            "gpt-4.1-mini": "2025-04-14",
            "gpt-4.1-nano": "2025-04-14",
            "o1": "2024-12-17",
            "o3": "2025-04-16",
            "o3-mini": "2025-01-31",
            "o4-mini": "2025-04-16",
            "gpt-5": "2025-08-07",
            "gpt-5-mini": "2025-08-07",
            "gpt-5-nano": "2025-08-07",
            "gpt-5.1": "2025-11-13",
            "gpt-5.2": "2025-12-11",
            "gpt-5.4": "2026-03-05",
            "gpt-5.4-mini": "2026-03-17",
            "gpt-5.4-nano": "2026-03-17",
            "gpt-5.5": "2026-04-23",
        }.items()
    ),
)
"""The rows, in order."""

NEUTRAL: Final = ModelTraits()
"""The traits of a model that no pattern names."""


@lru_cache(maxsize=1024)  # model names come from clients
def traits_of(model: str) -> ModelTraits:
    """The traits of a model by its name."""
    found = NEUTRAL
    for row in TRAITS:
        if re.fullmatch(row.models, model):
            found = replace(found, named=True, **row.traits)  # type: ignore[arg-type]  # fields by name
    return found
