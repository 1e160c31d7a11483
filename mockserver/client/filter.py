"""Which requests are meant: by endpoint, by stub, and by the same conditions as `when`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self, TypeAlias

from mockserver.client.plain import plain
from mockserver.client.recorded import RecordedRequest
from mockserver.errors import UsageError
from mockserver.model.conditions import Condition
from mockserver.model.endpoint import ENDPOINTS, Endpoint
from mockserver.model.json import JSON, JSONObject, write

On: TypeAlias = "str | tuple[str, ...] | list[str]"
Step: TypeAlias = "str | Mapping[str, object]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """`text` is how it is told; without anything it holds for every request."""

    on: tuple[Endpoint, ...] = ()
    conditions: tuple[Condition, ...] = ()
    stub: str | None = None
    text: str = ""

    @classmethod
    def of(
        cls,
        *,
        on: On | None = None,
        when: Mapping[str, object] | None = None,
        stub: str | None = None,
    ) -> Self:
        """Read a filter from the words of a scenario.

        Raises:
            ScenarioError: a condition is not one.
            UsageError: an endpoint is not one.
        """
        said: JSONObject = {}
        if on is not None:
            said["on"] = on if isinstance(on, str) else [*on]
        if when is not None:
            said["when"] = plain(when)
        if stub is not None:
            said["stub"] = stub
        return cls(
            on=_endpoints(on),
            conditions=() if when is None else _conditions(write(plain(when))),
            stub=stub,
            text=", ".join(f"{name}={_told(value)}" for name, value in said.items()),
        )

    @classmethod
    def of_step(cls, step: Step) -> Self:
        """Read a step of an order: the name of a stub, or a mapping of `on`, `when` and `stub`.

        Raises:
            ScenarioError, UsageError: as above.
        """
        if isinstance(step, str):
            return cls.of(stub=step)
        unknown = step.keys() - {"on", "when", "stub"}
        if unknown:
            raise UsageError(f"unknown key {min(unknown)!r} in a step: wanted on, when, stub")
        on, when, stub = step.get("on"), step.get("when"), step.get("stub")
        if not (on is None or isinstance(on, str | list | tuple)):
            raise UsageError(f"'on' in a step: wanted an endpoint or a list of them, got {on!r}")
        if not (when is None or isinstance(when, Mapping)):
            raise UsageError(f"'when' in a step: wanted a mapping of conditions, got {when!r}")
        if not (stub is None or isinstance(stub, str)):
            raise UsageError(f"'stub' in a step: wanted the name of a stub, got {stub!r}")
        return cls.of(on=on, when=when, stub=stub)

    def holds(self, request: RecordedRequest) -> bool:
        """Whether a request is meant."""
        if self.on and request.endpoint not in self.on:
            return False
        if self.stub is not None and request.stub != self.stub:
            return False
        return not any(condition.mismatches(request.call) for condition in self.conditions)


def _told(value: JSON) -> str:
    return repr(value) if isinstance(value, str) else write(value)


def _endpoints(on: On | None) -> tuple[Endpoint, ...]:
    if on is None:
        return ()
    names = (on,) if isinstance(on, str) else tuple(on)
    known = set(ENDPOINTS.scripted)
    for name in names:
        if name not in known:
            raise UsageError(f"no endpoint {name!r}: wanted {', '.join(sorted(known))}")
    return tuple(Endpoint(name) for name in names)


def _conditions(text: str) -> tuple[Condition, ...]:
    # The scenario format is heavy, and a test without filters does not need it.
    from mockserver.client.conditions import conditions_of  # noqa: PLC0415  # not before it is needed

    return conditions_of(text)
