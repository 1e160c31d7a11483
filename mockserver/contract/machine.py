"""A state machine as a table: state x word -> state.

A cell that is missing is a step the upstream never takes; it breaks the rule named for that cell
in `refused`, else the machine's own. `*` in `refused` stands for every other word of its state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class IllegalTransition:
    """A step that the table has not: the rule it breaks, and what would be right instead."""

    rule: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """`spoken` says words in messages, where they do not speak for themselves; `early` are the
    statuses with which an item may be done in any state."""

    name: str
    rule: str
    start: str
    steps: Mapping[str, Mapping[str, str]]
    refused: Mapping[tuple[str, str], str] = field(default_factory=dict)
    spoken: Mapping[str, str] = field(default_factory=dict)
    early: frozenset[str] = frozenset()

    def step(self, state: str, word: str) -> str | IllegalTransition:
        """The next state; after a refusal the machine stays where it was."""
        row = self.steps[state]
        if word in row:
            return row[word]
        rule = self.refused.get((state, word)) or self.refused.get((state, "*")) or self.rule
        wanted = " or ".join(dict.fromkeys(self.say(other) for other in row)) or "nothing more"
        return IllegalTransition(
            rule=rule, message=f"found {self.say(word)}, {wanted} would be right"
        )

    def say(self, word: str) -> str:
        """The word as it stands in a message."""
        return self.spoken.get(word, word)
