"""A condition that asks a JSON Schema; whoever validates is given, not imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from mockserver.core.call import Call
from mockserver.core.jsontext import JSON
from mockserver.core.mismatch import Mismatch


class BodyValidator(Protocol):
    """Holds bodies against one JSON Schema."""

    def differs(self, body: JSON) -> tuple[Mismatch, ...]:
        """What does not satisfy the schema; never raises."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaCondition:
    """The body satisfies a JSON Schema."""

    schema: JSON
    validator: BodyValidator = field(compare=False)

    def differs(self, call: Call) -> tuple[Mismatch, ...]:
        return self.validator.differs(call.body)

    def groups(self, _call: Call) -> Mapping[str, str]:
        return {}
