"""A state machine as a table: state x word -> state.

A missing cell is a transition the upstream never makes. It breaks the rule named for that cell in
`refused`, or else the machine's own rule. `*` in `refused` means every other word of the state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class IllegalTransition:
    """A transition that the table does not have: the rule it breaks, and what was expected."""

    rule: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """`labels` describe words in messages, where they are not clear by themselves; `early` are the
    statuses with which an item may be done in any state."""

    name: str
    rule: str
    start: str
    steps: Mapping[str, Mapping[str, str]]
    refused: Mapping[tuple[str, str], str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    early: frozenset[str] = frozenset()

    def step(self, state: str, word: str) -> str | IllegalTransition:
        """The next state."""
        row = self.steps[state]
        if word in row:
            return row[word]
        rule = self.refused.get((state, word)) or self.refused.get((state, "*")) or self.rule
        expected = " or ".join(dict.fromkeys(self.describe(other) for other in row))
        message = f"expected {expected or 'nothing more'}, got {self.describe(word)}"
        return IllegalTransition(rule=rule, message=message)

    def describe(self, word: str) -> str:
        """The word as it appears in messages."""
        return self.labels.get(word, word)
