"""Read JSON strictly by the types of the official SDK, which itself forgives nearly everything."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from tests.kit import JSON

# Sent by the API, but in no type of the SDK.
_RECORDED = frozenset({"billing"})
_PLAIN: dict[object, tuple[type, ...]] = {
    Any: (object,),
    object: (object,),
    list: (list,),
    dict: (dict,),
    str: (str,),
    bool: (bool,),
    int: (int,),
    float: (int, float),
    type(None): (type(None),),
}


def problems(expected: Any, value: JSON, path: str = "") -> list[str]:
    """Every member that the type lacks or misses, and every value it does not admit."""
    return list(_problems(expected, value, path))


def _problems(expected: Any, value: JSON, path: str) -> Iterator[str]:
    origin = get_origin(expected)
    if origin is Annotated:
        yield from _problems(get_args(expected)[0], value, path)
    elif origin in (Union, types.UnionType):
        yield from _nearest(get_args(expected), value, path)
    elif origin is Literal:
        if value not in get_args(expected):
            yield f"{path}: {value!r} is none of {get_args(expected)}"
    elif origin is list and isinstance(value, list):
        for place, element in enumerate(value):
            yield from _problems(get_args(expected)[0], element, f"{path}[{place}]")
    elif isinstance(expected, type) and issubclass(expected, BaseModel):
        yield from _members(expected, value, path)
    else:
        admitted = _PLAIN[origin or expected]
        flag = isinstance(value, bool) and bool not in admitted and object not in admitted
        if flag or not isinstance(value, admitted):
            yield f"{path}: {value!r} is no {(origin or expected).__name__}"


def _nearest(choices: tuple[Any, ...], value: JSON, path: str) -> list[str]:
    """The problems with the type that fits best, those of another `type` last."""
    found = [problems(choice, value, path) for choice in choices]
    other = f"{path}.type: "
    return min(found, key=lambda one: (any(expected.startswith(other) for expected in one), len(one)))


def _members(expected: type[BaseModel], value: JSON, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no {expected.__name__}"
        return
    fields = {field.alias or name: field for name, field in expected.model_fields.items()}
    for name, field in fields.items():
        here = f"{path}.{name}"
        if name in value:
            yield from _problems(field.annotation, value[name], here)
        elif field.is_required():
            yield f"{here}: missing in {expected.__name__}"
    for name in value:
        if name not in fields and name not in _RECORDED:
            yield f"{path}.{name}: unknown in {expected.__name__}"
