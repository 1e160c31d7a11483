"""All rules of the reply contract by id, in the order in which they are printed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mockserver.contract.rule import Rule
from mockserver.contract.rulebook.chat import CHAT_RULES
from mockserver.contract.rulebook.compaction import COMPACTION_RULES
from mockserver.contract.rulebook.framing import FRAMING_RULES
from mockserver.contract.rulebook.responses import RESPONSES_RULES
from mockserver.contract.rulebook.schema import SCHEMA_RULES

__all__ = ["RULES", "Rule"]

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        rule.id: rule
        for rule in (
            *RESPONSES_RULES,
            *CHAT_RULES,
            *COMPACTION_RULES,
            *SCHEMA_RULES,
            *FRAMING_RULES,
        )
    }
)
