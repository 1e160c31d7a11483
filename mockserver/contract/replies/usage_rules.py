"""The arithmetic of usage: totals are sums, shares are not above their wholes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mockserver.contract.replies.remark import Remark
from mockserver.contract.replies.shown import member_path, shown
from mockserver.core.jsontext import JSON, Object


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


def usage_remarks(usage: JSON, names: Arithmetic, area: str, path: str) -> Iterator[Remark]:
    """Check one usage; what has the wrong type is left to the schema."""
    if not isinstance(usage, dict):
        return
    given, made = _count(usage, names.input), _count(usage, names.output)
    total = _count(usage, "total_tokens")
    if given is not None and made is not None and total is not None and total != given + made:
        message = f"found {shown(total)}, {shown(given + made)} would be right"
        yield Remark(f"{area}.usage.sum", member_path(path, "total_tokens"), message)
    bounds = f"{area}.usage.bounds"
    for name in (names.input, names.output, "total_tokens"):
        count = _count(usage, name)
        if count is not None and count < 0:
            yield Remark(bounds, member_path(path, name), f"found {shown(count)}, below 0")
    for (details, name), whole in names.shares.items():
        count, most = _share(usage, details, name), _count(usage, whole)
        where = member_path(member_path(path, details), name)
        if count is not None and count < 0:
            yield Remark(bounds, where, f"found {shown(count)}, below 0")
        elif count is not None and most is not None and count > most:
            yield Remark(bounds, where, f"found {shown(count)}, above {whole} of {shown(most)}")
    parts = [_share(usage, details, name) or 0 for details, name in names.together]
    if made is not None and max(parts, default=0) <= made < sum(parts):
        where = member_path(path, names.together[0][0])
        message = (
            f"predicted tokens add up to {shown(sum(parts))}, above {names.output} of {shown(made)}"
        )
        yield Remark(bounds, where, message)


def _count(holder: Object, name: str) -> int | None:
    value = holder.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _share(usage: Object, details: str, name: str) -> int | None:
    holder = usage.get(details)
    return _count(holder, name) if isinstance(holder, dict) else None
