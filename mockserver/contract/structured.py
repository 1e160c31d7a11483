"""Structured output: the schema that a request asks an answer to satisfy.

jsonschema is imported when a reply is first given as data; such replies are few, and the full
vocabulary of a client's schema matters more there than speed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockserver.core.finding import Finding
from mockserver.core.jsontext import JSON, Object

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

RULE = "reply.structured"
_MOST = 5
# jsonschema shows what it refuses in full.
_LONGEST = 200


def schema_of(body: Object) -> JSON:
    """The schema under `text.format` or `response_format.json_schema`; None where none is asked."""
    text = body.get("text")
    flat = text.get("format") if isinstance(text, dict) else None
    if isinstance(flat, dict) and flat.get("type") == "json_schema":
        return flat.get("schema")
    nested = body.get("response_format")
    if isinstance(nested, dict) and nested.get("type") == "json_schema":
        inner = nested.get("json_schema")
        return inner.get("schema") if isinstance(inner, dict) else None
    return None


def judge(data: JSON, schema: JSON) -> tuple[Finding, ...]:
    """Where the data of a reply does not satisfy the request's schema, the first few places."""
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415
    from referencing.exceptions import Unresolvable  # noqa: PLC0415

    try:
        validator = _validator(schema)
        errors = sorted(validator.iter_errors(data), key=lambda error: list(map(str, error.path)))
    except (SchemaError, Unresolvable, RecursionError, re.error) as error:
        return (_finding("", f"the request's schema cannot be followed: {_short(str(error))}"),)
    return tuple(_unlike(error) for error in errors[:_MOST])


def _unlike(error: ValidationError) -> Finding:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.path)
    path = "".join(steps).removeprefix(".")
    where = path or "the top"
    message = f"the data is not as the request's schema asks, at {where}: {_short(error.message)}"
    return _finding(path, message)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _validator(schema: JSON) -> Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415
    from referencing import Registry  # noqa: PLC0415

    Draft202012Validator.check_schema(schema)  # type: ignore[arg-type]  # anything may be asked
    # A registry of its own fetches nothing, whatever the schema refers to.
    return Draft202012Validator(schema, registry=Registry())  # type: ignore[arg-type]


def _finding(path: str, message: str) -> Finding:
    return Finding(rule=RULE, path=path, message=message)
