"""Rules of a compacted response, which is always whole."""

from __future__ import annotations

from typing import Final

from mockserver.contract.rule import Rule, tabulate

COMPACTION_RULES: Final[tuple[Rule, ...]] = (
    *tabulate(
        "observed on the wire",
        {
            "compaction.item.last": "one compaction item ends the output",
            "compaction.messages": "what stands before the compaction item is kept user messages",
            "compaction.stream": "a compaction is never streamed",
        },
    ),
    *tabulate(
        "OpenAI API reference, compact a response",
        {
            "compaction.item.id": "no two items have the same id",
            "compaction.usage.sum": "total_tokens is the sum of input_tokens and output_tokens",
            "compaction.usage.bounds": "no count is negative, and no share is above its whole",
        },
    ),
)
