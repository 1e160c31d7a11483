"""Model rules: what a model does not support, as data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from mockserver.model.json import JSON, JSONObject

_MAX_MODELS: Final = 1024  # model names come from clients


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRule:
    """A member that models reject, on the endpoint whose bodies have that form.

    `models` is a regular expression that matches a whole name. `accepted` values are exceptions;
    with `rejected`, only those values are rejected. `reasoning` limits the rule to requests whose
    effective effort is not `none`. `stage` is when the API checks it: among unknown names, before
    the other members, or after them. In `message`, `{value}`, `{path}` and `{model}` stand for the
    value, its place and the model of the request. `param` is what the error names in place of
    the member, None where it names nothing.
    """

    models: str
    form: str
    member: str
    message: str
    code: str | None
    source: str
    accepted: tuple[JSON, ...] = ()
    rejected: tuple[JSON, ...] = ()
    reasoning: bool = False
    stage: Literal["unknown", "early", "late"] = "late"
    param: str | None = ""

    def rejected_values(self, body: JSONObject) -> list[tuple[str, JSON]]:
        """The values that break the rule, each with its path."""
        return [(path, value) for path, value in members_of(body, self.member) if self._rejects(value)]

    def _rejects(self, value: JSON) -> bool:
        listed = value if isinstance(value, list) else [value]
        if self.rejected:
            return any(one in self.rejected for one in listed)
        return value is not None and any(one not in self.accepted for one in listed)


def members_of(body: JSONObject, path: str) -> list[tuple[str, JSON]]:
    """The members at a dotted path, each with its own path; `[]` after a name stands for every
    element of a list: `messages[].role`."""
    found: list[tuple[str, JSON]] = [("", body)]
    for step in path.split("."):
        name = step.removesuffix("[]")
        inner = [
            (f"{place}.{name}" if place else name, value[name])
            for place, value in found
            if isinstance(value, dict) and name in value
        ]
        if name != step:
            inner = [
                (f"{place}[{index}]", one)
                for place, value in inner
                if isinstance(value, list)
                for index, one in enumerate(value)
            ]
        found = inner
    return found


class ModelRules:
    """A list of rules, looked up by model and form."""

    def __init__(self, rules: Sequence[ModelRule]) -> None:
        self.rules = tuple(rules)
        self._found: dict[tuple[str, str], tuple[ModelRule, ...]] = {}

    def of(self, model: str, form: str) -> tuple[ModelRule, ...]:
        """The rules for a model on the endpoint of that form."""
        found = self._found.get((model, form))
        if found is None:
            if len(self._found) >= _MAX_MODELS:
                self._found.clear()
            found = tuple(one for one in self.rules if one.form == form and re.fullmatch(one.models, model))
            self._found[model, form] = found
        return found
