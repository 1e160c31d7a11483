"""A JSON Schema that a scenario wants a body to satisfy, checked when the scenario loads.

jsonschema is imported when a scenario first uses it. Nothing is ever fetched: a reference leads
into the schema itself or is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from mockserver.model.findings import Mismatch
from mockserver.model.json import JSON, write
from mockserver.scenario.cursor import Cursor
from mockserver.scenario.document import Path, format_path
from mockserver.scenario.messages import quoted

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_MOST = 5


@dataclass(frozen=True, slots=True)
class SchemaValidator:
    """Tells the first few places of a body that do not satisfy a schema."""

    validator: Validator

    def mismatches(self, body: JSON) -> tuple[Mismatch, ...]:
        try:
            return tuple(_mismatches(self.validator, body))
        except (RecursionError, re.error) as error:
            wanted = "a schema that can be followed to its end"
            return (Mismatch(path="schema", expected=wanted, got=str(error)),)


def _mismatches(validator: Validator, body: JSON) -> Iterator[Mismatch]:
    errors = sorted(validator.iter_errors(body), key=lambda error: list(map(str, error.path)))
    for error in errors[:_MOST]:
        value = cast("JSON", error.validator_value)
        # A schema of false has no keyword that could be told.
        rule: JSON = {str(error.validator): value} if error.validator else False
        got = cast("JSON", error.instance)  # jsonschema hands on what it was given
        yield Mismatch(
            path=format_path(("schema", *error.path)), expected=write(rule), got=write(got)
        )


def read_schema(spot: Cursor) -> SchemaValidator | None:
    """A validator; None where the schema is refused."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - few scenarios need it
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415  # slow to import, seldom needed
    from referencing import Registry  # noqa: PLC0415  # slow to import, seldom needed

    schema = spot.value if isinstance(spot.value, bool) else spot.object
    try:
        Draft202012Validator.check_schema(
            schema, format_checker=Draft202012Validator.FORMAT_CHECKER
        )
    except SchemaError as error:
        spot.refuse(f"no JSON Schema: {_first_line(error.message)}", *error.path)
        return None
    lost = list(_lost_references(schema))
    for path, ref in lost:
        spot.refuse(f"reference {quoted(ref)} leads nowhere in this schema", *path)
    if lost:
        return None
    # With a registry of its own the validator fetches nothing.
    return SchemaValidator(Draft202012Validator(schema, registry=Registry()))


def _lost_references(schema: JSON) -> Iterator[tuple[Path, str]]:
    from referencing import Registry  # noqa: PLC0415  # slow to import, seldom needed
    from referencing.exceptions import Unresolvable  # noqa: PLC0415  # slow to import, seldom needed
    from referencing.jsonschema import DRAFT202012  # noqa: PLC0415  # slow to import, seldom needed

    if not isinstance(schema, dict):
        return
    root = DRAFT202012.create_resource(schema)
    base = str(schema.get("$id", ""))
    resolver = Registry().with_resource(base, root).resolver(base)
    for path, ref in _references(schema, ()):
        try:
            resolver.lookup(ref)
        except (Unresolvable, ValueError):
            yield path, ref


def _references(value: JSON, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("$ref", "$dynamicRef") and isinstance(inner, str):
                yield (*path, key), inner
            elif key not in ("const", "enum", "default", "examples"):
                yield from _references(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _references(inner, (*path, index))


def _first_line(message: str) -> str:
    line = message.partition("\n")[0]
    return line if len(line) <= 200 else f"{line[:200]}…"
