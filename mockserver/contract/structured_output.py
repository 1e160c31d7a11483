"""Validation of scripted data against the JSON Schema of a request, within limits of time.

The schema comes from a client. Its regular expressions are bounded from their text alone: a
backtracking matcher chooses at each character among what quantifiers and alternatives leave open.
Without a repeated group each quantifier only chooses its end. The bounds are rough: patterns that
they admit are fast, some of those that they reject would be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mockserver.model.findings import Finding
from mockserver.model.json import JSON, JSONObject

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator


MAX_STEPS = 10_000_000
"""Steps that a match may take, some tenths of a second."""

# Characters after a backslash and in a class neither repeat nor choose.
_PLAIN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_OPENING = re.compile(r"\(\?")
_FIXED = re.compile(r"\{\d+\}")
_CHOICE = re.compile(r"[*+?|{]")
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_BEYOND = 64


def may_be_slow(pattern: str, length: int) -> bool:
    """Whether searching a text of that length for a pattern may take over `MAX_STEPS` steps."""
    choices, repeats_a_group = _read(pattern)
    places = length + 1
    if not choices:
        return False
    steps: int = places ** min(choices + 1, _BEYOND)
    if repeats_a_group:
        steps = places * (choices + 2) ** min(places, _BEYOND)
    return steps > MAX_STEPS


@lru_cache(maxsize=256)
def _read(pattern: str) -> tuple[int, bool]:
    """The number of choices, and whether a group is repeated."""
    bare = _OPENING.sub("(", _PLAIN.sub("x", pattern))
    return len(_CHOICE.findall(_FIXED.sub("", bare))), _REPEATED_GROUP.search(bare) is not None


RULE = "reply.structured"
_MAX_FINDINGS = 5
# jsonschema quotes values in full.
_MAX_TEXT = 200
# Evaluations of keywords, including repeated ones through references.
_MAX_EVALUATIONS = 20_000
_MAX_NAME = 64
_MAX_VALUES = 50_000

_Follow = Callable[[Any, Any, Any, Any], Any]


class _TooExpensiveError(Exception):
    """Evaluating the schema would take too long."""


def schema_of(body: JSONObject) -> JSON:
    """The strict schema in `text.format` or `response_format.json_schema`, None where there is none.
    Without `strict` that of a response is strict, that of a chat completion is not: a model need
    not follow it then."""
    text = body.get("text")
    flat = text.get("format") if isinstance(text, dict) else None
    if isinstance(flat, dict) and flat.get("type") == "json_schema":
        return None if flat.get("strict") is False else flat.get("schema")
    nested = body.get("response_format")
    if isinstance(nested, dict) and nested.get("type") == "json_schema":
        inner = nested.get("json_schema")
        return inner.get("schema") if isinstance(inner, dict) and inner.get("strict") is True else None
    return None


def judge(data: JSON, schema: JSON) -> tuple[Finding, ...]:
    """The first few places where the data of a reply does not satisfy the request's schema."""
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415  # slow to import, seldom needed
    from referencing.exceptions import Unresolvable  # noqa: PLC0415  # slow to import, seldom needed

    try:
        errors = sorted(_validator(schema).iter_errors(data), key=lambda error: list(map(str, error.path)))
    except (SchemaError, Unresolvable, RecursionError, OverflowError, re.error, _TooExpensiveError) as error:
        return (_finding("", f"the request's schema cannot be evaluated: {_short(str(error))}"),)
    return tuple(_mismatch(error) for error in errors[:_MAX_FINDINGS])


def data_for(schema: JSON) -> JSON | tuple[Finding, ...]:
    """Data that fits a schema of a request, always the same; findings where none can be made."""
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415  # slow to import, seldom needed

    from mockserver.model.schema_data import NoDataError, data_for  # noqa: PLC0415  # seldom needed

    try:
        _validator(schema)
        data = data_for(schema)
    except (SchemaError, RecursionError, _TooExpensiveError) as error:
        return (_finding("", f"the request's schema cannot be evaluated: {_short(str(error))}"),)
    except NoDataError as error:
        return (_finding("", f"no data can be made for the request's schema: {_short(str(error))}"),)
    found = judge(data, schema)
    if found:
        causes = (f"no data can be made for the request's schema: {one.message}" for one in found)
        return tuple(_finding(one.path, cause) for one, cause in zip(found, causes, strict=True))
    return data


def _mismatch(error: ValidationError) -> Finding:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.path)
    path = "".join(steps).removeprefix(".")
    where = path or "the top"
    return _finding(path, f"the data does not match the request's schema at {where}: {_short(error.message)}")


def _short(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"


def _validator(schema: JSON) -> Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415  # slow to import, seldom needed
    from jsonschema.validators import extend  # noqa: PLC0415  # slow to import, seldom needed
    from referencing import Registry  # noqa: PLC0415  # slow to import, seldom needed

    _check_size(schema)
    Draft202012Validator.check_schema(schema)  # type: ignore[arg-type]  # anything may be asked
    follow: dict[str, _Follow] = {**Draft202012Validator.VALIDATORS, "pattern": _pattern}
    limited = extend(Draft202012Validator, validators=_limited(follow))  # type: ignore[no-untyped-call]
    # With an empty registry no reference is fetched.
    return limited(schema, registry=Registry())  # type: ignore[no-any-return]


def _limited(follow: dict[str, _Follow]) -> dict[str, _Follow]:
    """Keywords that count their evaluations together and stop at the limit."""
    steps = iter(range(_MAX_EVALUATIONS))

    def counted(keyword: _Follow) -> _Follow:
        def run(*arguments: Any) -> Any:
            if next(steps, None) is None:
                raise _TooExpensiveError(f"evaluation takes more than {_MAX_EVALUATIONS} steps")
            return keyword(*arguments)

        return run

    return {name: counted(keyword) for name, keyword in follow.items()}


def _pattern(_validator: Any, pattern: str, text: Any, _schema: Any) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415  # slow to import, seldom needed

    if not isinstance(text, str) or may_be_slow(pattern, len(text)):
        return
    if not re.search(pattern, text):
        yield ValidationError(f"{text!r} does not match {pattern!r}")


def _check_size(schema: JSON) -> None:
    """Reject schemas that are too large or have slow `patternProperties` (not skippable)."""
    waiting, values = [schema], 0
    while waiting:
        value = waiting.pop()
        values += 1
        if values > _MAX_VALUES:
            raise _TooExpensiveError(f"it has more than {_MAX_VALUES} values")
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
            named = value.get("patternProperties")
            for pattern in named if isinstance(named, dict) else ():
                if may_be_slow(pattern, _MAX_NAME):
                    raise _TooExpensiveError(f"the pattern {pattern!r} of names could take long")


def _finding(path: str, message: str) -> Finding:
    return Finding(rule=RULE, path=path, message=message)
