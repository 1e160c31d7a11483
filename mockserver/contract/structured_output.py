"""How long a stranger's regular expression may take: an upper bound, from its text alone.

A matcher that goes back takes at each character one of the ways that quantifiers and alternatives
leave open. Without a repeated group each quantifier only chooses where it ends. Both bounds are
rough on purpose: what they admit is quick, some of what they refuse would be.
"""

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


MOST = 10_000_000
"""Steps that a match may take, some tenths of a second."""

# Neither what stands behind a backslash nor what stands in a class repeats or chooses.
_PLAIN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_OPENING = re.compile(r"\(\?")
_FIXED = re.compile(r"\{\d+\}")
_CHOICE = re.compile(r"[*+?|{]")
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_BEYOND = 64


def may_be_slow(pattern: str, length: int) -> bool:
    """Whether looking for a pattern in a text of that length could take more than `MOST` steps."""
    choices, repeats_a_group = _read(pattern)
    places = length + 1
    if not choices:
        return False
    steps: int = places ** min(choices + 1, _BEYOND)
    if repeats_a_group:
        steps = places * (choices + 2) ** min(places, _BEYOND)
    return steps > MOST


@lru_cache(maxsize=256)
def _read(pattern: str) -> tuple[int, bool]:
    """How many choices there are, and whether some group is repeated."""
    bare = _OPENING.sub("(", _PLAIN.sub("x", pattern))
    return len(_CHOICE.findall(_FIXED.sub("", bare))), _REPEATED_GROUP.search(bare) is not None


RULE = "reply.structured"
_MOST = 5
# jsonschema shows what it refuses in full.
_LONGEST = 200
# Keywords of the schema that are followed, those behind references again each time.
_STEPS = 20_000
_LONGEST_NAME = 64
_MOST_VALUES = 50_000

_Follow = Callable[[Any, Any, Any, Any], Any]


class _TooMuchError(Exception):
    """The schema asks for more than anybody would wait for."""


def schema_of(body: JSONObject) -> JSON:
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
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415  # slow to import, seldom needed
    from referencing.exceptions import Unresolvable  # noqa: PLC0415  # slow to import, seldom needed

    try:
        validator = _validator(schema)
        errors = sorted(validator.iter_errors(data), key=lambda error: list(map(str, error.path)))
    except (
        SchemaError,
        Unresolvable,
        RecursionError,
        OverflowError,
        re.error,
        _TooMuchError,
    ) as error:
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
    from jsonschema import Draft202012Validator  # noqa: PLC0415  # slow to import, seldom needed
    from jsonschema.validators import extend  # noqa: PLC0415  # slow to import, seldom needed
    from referencing import Registry  # noqa: PLC0415  # slow to import, seldom needed

    _refuse_too_much(schema)
    Draft202012Validator.check_schema(schema)  # type: ignore[arg-type]  # anything may be asked
    follow: dict[str, _Follow] = {**Draft202012Validator.VALIDATORS, "pattern": _pattern}
    limited = extend(Draft202012Validator, validators=_limited(follow))  # type: ignore[no-untyped-call]
    # A registry of its own fetches nothing, whatever the schema refers to.
    return limited(schema, registry=Registry())  # type: ignore[no-any-return]


def _limited(follow: dict[str, _Follow]) -> dict[str, _Follow]:
    """Keywords that count how often they are followed, all of them together."""
    steps = iter(range(_STEPS))

    def counted(keyword: _Follow) -> _Follow:
        def run(*asked: Any) -> Any:
            if next(steps, None) is None:
                raise _TooMuchError(f"it takes more than {_STEPS} steps")
            return keyword(*asked)

        return run

    return {name: counted(keyword) for name, keyword in follow.items()}


def _pattern(_validator: Any, pattern: str, text: Any, _schema: Any) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415  # slow to import, seldom needed

    if not isinstance(text, str) or may_be_slow(pattern, len(text)):
        return
    if not re.search(pattern, text):
        yield ValidationError(f"{text!r} does not match {pattern!r}")


def _refuse_too_much(schema: JSON) -> None:
    """Patterns of names decide what other keywords look at: they are looked for or refused."""
    waiting, values = [schema], 0
    while waiting:
        value = waiting.pop()
        values += 1
        if values > _MOST_VALUES:
            raise _TooMuchError(f"it has more than {_MOST_VALUES} values")
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
            named = value.get("patternProperties")
            for pattern in named if isinstance(named, dict) else ():
                if may_be_slow(pattern, _LONGEST_NAME):
                    raise _TooMuchError(f"the pattern {pattern!r} of names could take long")


def _finding(path: str, message: str) -> Finding:
    return Finding(rule=RULE, path=path, message=message)
