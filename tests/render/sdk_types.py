"""Read JSON strictly by the types of the official SDK, which itself forgives nearly everything."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from mockserver.model.json import JSON

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


def problems(wanted: Any, value: JSON, path: str = "") -> list[str]:
    """Every member that the type lacks or misses, and every value it does not admit."""
    return list(_problems(wanted, value, path))


def _problems(wanted: Any, value: JSON, path: str) -> Iterator[str]:
    origin = get_origin(wanted)
    if origin is Annotated:
        yield from _problems(get_args(wanted)[0], value, path)
    elif origin in (Union, types.UnionType):
        yield from _nearest(get_args(wanted), value, path)
    elif origin is Literal:
        if value not in get_args(wanted):
            yield f"{path}: {value!r} is none of {get_args(wanted)}"
    elif origin is list and isinstance(value, list):
        for place, element in enumerate(value):
            yield from _problems(get_args(wanted)[0], element, f"{path}[{place}]")
    elif isinstance(wanted, type) and issubclass(wanted, BaseModel):
        yield from _members(wanted, value, path)
    else:
        admitted = _PLAIN[origin or wanted]
        flag = isinstance(value, bool) and bool not in admitted and object not in admitted
        if flag or not isinstance(value, admitted):
            yield f"{path}: {value!r} is no {(origin or wanted).__name__}"


def _nearest(choices: tuple[Any, ...], value: JSON, path: str) -> list[str]:
    """The problems with the type that fits best, those of another `type` last."""
    found = [problems(choice, value, path) for choice in choices]
    other = f"{path}.type: "
    return min(found, key=lambda one: (any(told.startswith(other) for told in one), len(one)))


def _members(wanted: type[BaseModel], value: JSON, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no {wanted.__name__}"
        return
    fields = {field.alias or name: field for name, field in wanted.model_fields.items()}
    for name, field in fields.items():
        here = f"{path}.{name}"
        if name in value:
            yield from _problems(field.annotation, value[name], here)
        elif field.is_required():
            yield f"{here}: missing in {wanted.__name__}"
    for name in value:
        if name not in fields and name not in _RECORDED:
            yield f"{path}.{name}: unknown in {wanted.__name__}"
