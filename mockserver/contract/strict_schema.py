"""Function and format schemas: what the API demands of a JSON Schema, and more of a strict one.

The schema of a function is an object's, and its arrays have items. With `strict: true` every
object lists all its properties under `required` and has `additionalProperties: false`, every
schema has a type, and some keywords are not permitted. Sources: recorded 400 replies, and 400
replies in public reports to 2026-10; all 1,497 recorded strict schemas that were accepted obey.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from mockserver.model.json import JSON, JSONObject, write

if TYPE_CHECKING:
    from mockserver.contract.request_table import BodyCheck

_MAX_DEPTH: Final = 64
_NOT_PERMITTED: Final = ("allOf", "oneOf", "if", "contains", "propertyNames", "uniqueItems")
_TYPED: Final = frozenset(("type", "$ref", "anyOf", "enum"))


def schema_problem(schema: JSON, *, strict: bool) -> str | None:
    """What makes a schema unfit, as the API words it; None where nothing does."""
    kind: JSON = "object"
    if not isinstance(schema, dict) or not schema:
        kind = "None" if strict else kind
    elif "type" in schema:
        kind = schema["type"]
    elif "properties" not in schema:
        kind = "null" if strict else "None"
    if kind != "object":
        return f"""schema must be a JSON Schema of 'type: "object"', got 'type: "{kind}"'."""
    return next(_problems(schema, (), strict=strict), None)


def _problems(schema: JSON, context: tuple[str, ...], *, strict: bool) -> Iterator[str]:
    if not isinstance(schema, dict) or len(context) > _MAX_DEPTH:
        return
    where = f"In context={context},"
    if schema.get("type") == "array" and "items" not in schema:
        yield f"{where} array schema missing items."
    if strict:
        yield from (f"{where} '{one}' is not permitted." for one in _NOT_PERMITTED if one in schema)
        if "$ref" in schema and len(schema) > 1:
            keywords = ", ".join(f"'{one}'" for one in schema if one != "$ref")
            yield f"{where} $ref cannot have keywords {{{keywords}}}."
        if context and not _TYPED & schema.keys():
            yield f"{where} schema must have a 'type' key."
        properties = schema.get("properties")
        names = properties if isinstance(properties, dict) else {}
        if schema.get("type") == "object" or isinstance(properties, dict):
            yield from _object_problems(schema, tuple(names), context)
    for step, inner in _inner(schema):
        yield from _problems(inner, (*context, *step), strict=strict)


def _object_problems(schema: JSONObject, names: tuple[str, ...], context: tuple[str, ...]) -> Iterator[str]:
    if schema.get("additionalProperties") is not False:
        yield f"In context={context}, 'additionalProperties' is required to be supplied and to be false."
    required = schema.get("required")
    listed = required if isinstance(required, list) else []
    for name in names:
        if name not in listed:
            yield (
                f"In context={context}, 'required' is required to be supplied and to be an array "
                f"including every key in properties. Missing '{name}'."
            )


def _inner(schema: JSONObject) -> Iterator[tuple[tuple[str, ...], JSON]]:
    """The schemas inside of one, each with the steps that lead to it."""
    for keyword in ("properties", "$defs", "definitions"):
        named = schema.get(keyword)
        for name, inner in named.items() if isinstance(named, dict) else ():
            yield (keyword, name), inner
    if "items" in schema:
        yield ("items",), schema["items"]
    for keyword in ("anyOf", "allOf", "oneOf"):
        branches = schema.get(keyword)
        for index, branch in enumerate(branches if isinstance(branches, list) else []):
            yield (keyword, str(index)), branch


def check_functions(check: BodyCheck, member: str, inner: str = "") -> None:
    """Report functions with an unfit schema; `member` of the body lists them, `inner` holds the
    function in each where it is not the element itself."""
    tools = check.body.get(member)
    for index, tool in enumerate(tools if isinstance(tools, list) else []):
        holder = tool.get(inner) if inner and isinstance(tool, dict) else tool
        if not isinstance(holder, dict) or holder.get("type", "function") != "function":
            continue
        problem = schema_problem(holder.get("parameters"), strict=holder.get("strict") is True)
        if problem is not None:
            path = f"{member}[{index}].{inner}.parameters" if inner else f"{member}[{index}].parameters"
            message = f"Invalid schema for function '{holder.get('name')}': {problem}"
            check.report("strict_schema", path, message, "invalid_function_parameters")


def check_format(check: BodyCheck, form: JSON, path: str, code: str | None, param: str) -> None:
    """Report a strict format with an unfit schema."""
    if isinstance(form, dict):
        problem = schema_problem(form.get("schema"), strict=True)
        if problem is not None:
            message = f"Invalid schema for response_format '{form.get('name')}': {problem}"
            check.report("strict_schema", path, message, code, param=param)


def check_json_mode(check: BodyCheck, form: JSON, member: str, message: str) -> None:
    """Report a format of JSON objects where `member`, what is said, does not speak of JSON."""
    asked = isinstance(form, dict) and form.get("type") == "json_object"
    if asked and "json" not in write(check.body.get(member)).lower():
        check.report("json_mode", member, message, None)
