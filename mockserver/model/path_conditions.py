"""Conditions on the path of a request: the path of a stub's own, and values of path parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.model.call import Call
from mockserver.model.conditions import Mismatches
from mockserver.model.findings import Mismatch
from mockserver.model.json import write
from mockserver.model.matchers import TextMatcher, any_matches, captures_of
from mockserver.model.route import METHODS, NO_PARAMETERS, PathParameters, Route, path_pattern, spelled


@dataclass(frozen=True, slots=True)
class PathCondition:
    """The path that a stub has for itself, with its methods."""

    route: Route
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pattern", path_pattern(self.route.path))

    def parameters(self, call: Call) -> PathParameters | None:
        """The path's parameters in a call; None where the call has another path."""
        found = next(filter(None, map(self._pattern.fullmatch, spelled(call.path))), None)
        return None if found is None else found.groupdict()

    def mismatches(self, call: Call) -> Mismatches:
        methods = self.route.methods
        if call.method in methods and self.parameters(call) is not None:
            return ()
        if methods == METHODS:
            return (Mismatch(path="path", expected=self.route.path, got=call.path),)
        expected = f"{' or '.join(methods)} {self.route.path}"
        return (Mismatch(path="path", expected=expected, got=f"{call.method} {call.path}"),)

    def captures(self, _call: Call) -> Mapping[str, str]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterCondition:
    """The value of a path parameter: of the stub's own path, or of the dialect's."""

    name: str
    want: TextMatcher
    own: PathCondition | None = None

    def texts(self, call: Call) -> tuple[str, ...]:
        """The value of the parameter in a call, if it has one."""
        found = call.parameters if self.own is None else self.own.parameters(call) or NO_PARAMETERS
        return (found[self.name],) if self.name in found else ()

    def mismatches(self, call: Call) -> Mismatches:
        texts = self.texts(call)
        if any_matches(self.want, texts):
            return ()
        got = write(texts[0]) if texts else "none"
        return (Mismatch(path=f"path.{self.name}", expected=str(self.want), got=got),)

    def captures(self, call: Call) -> Mapping[str, str]:
        return captures_of(self.want, self.texts(call))
