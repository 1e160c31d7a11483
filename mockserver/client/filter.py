"""Which requests are meant: by endpoint, by stub, and by the same conditions as `when`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from mockserver.client.plain import plain
from mockserver.client.recorded import RecordedRequest
from mockserver.core.conditions import Condition
from mockserver.core.endpoint import Endpoint
from mockserver.core.jsontext import JSON, Object, write
from mockserver.errors import UsageError


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
        on: str | tuple[str, ...] | list[str] | None = None,
        when: Mapping[str, object] | None = None,
        stub: str | None = None,
    ) -> Self:
        """Read a filter from the words of a scenario.

        Raises:
            ScenarioError: a condition is not one.
            UsageError: an endpoint is not one.
        """
        said: Object = {}
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

    def holds(self, request: RecordedRequest) -> bool:
        """Whether a request is meant."""
        if self.on and request.endpoint not in self.on:
            return False
        if self.stub is not None and request.stub != self.stub:
            return False
        return not any(condition.differs(request.call) for condition in self.conditions)


def _told(value: JSON) -> str:
    return repr(value) if isinstance(value, str) else write(value)


def _endpoints(on: str | tuple[str, ...] | list[str] | None) -> tuple[Endpoint, ...]:
    if on is None:
        return ()
    names = (on,) if isinstance(on, str) else tuple(on)
    known = {endpoint.value for endpoint in Endpoint}
    for name in names:
        if name not in known:
            raise UsageError(f"no endpoint {name!r}: wanted {', '.join(sorted(known))}")
    return tuple(Endpoint(name) for name in names)


def _conditions(text: str) -> tuple[Condition, ...]:
    # The scenario format is heavy, and a test without filters does not need it.
    from mockserver.client.conditions import conditions_of  # noqa: PLC0415

    return conditions_of(text)
