"""Frozen and slotted classes, declared like dataclasses and finished when they are first used.

`dataclasses.dataclass` writes and compiles up to six methods for every class while its module is
imported, about half a millisecond each time on Python 3.11, and this package has some two hundred
such classes: that was half of what its import took. Here a class gets its slots at once, and each
method when it is first called. What comes out is a dataclass to everything that asks: `fields`,
`replace` and `is_dataclass` work, two objects are equal when their fields are.

- `frozen` is `dataclass(frozen=True, slots=True, kw_only=True)`, `mutable` is
  `dataclass(slots=True)`; both take `kw_only` and `eq`.
- Annotations are texts, as `from __future__ import annotations` makes them; what is shared by
  all objects is written `ClassVar[…]`. There is no `InitVar`, no `KW_ONLY` and no order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, FrozenInstanceError, field
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any, TypeVar, dataclass_transform, overload

T = TypeVar("T")

_OF_ALL_OBJECTS = ("ClassVar[", "typing.ClassVar[")
_SHAPE = "__shape__"
_UNSET: Any = object()
# Without a text of its own a dataclass has its signature written out, which takes a while.
_TOLD = {"__doc__": "A stand-in."}


class _Shape:
    """How a class was declared; `members` are its fields, those of its bases first, each with its
    annotation and its default, a `field(…)` or `MISSING`."""

    __slots__ = ("eq", "frozen", "kw_only", "members")

    def __init__(self, *, kw_only: bool, frozen: bool, eq: bool) -> None:
        self.kw_only = kw_only
        self.frozen = frozen
        self.eq = eq
        self.members: dict[str, tuple[str, Any]] = {}


@overload
@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(Field, field))
def frozen(cls: type[T], /) -> type[T]: ...
@overload
@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(Field, field))
def frozen(*, kw_only: bool = True, eq: bool = True) -> Callable[[type[T]], type[T]]: ...


def frozen(
    cls: type[T] | None = None, /, *, kw_only: bool = True, eq: bool = True
) -> type[T] | Callable[[type[T]], type[T]]:
    """A class whose objects never change; made with keywords only, unless `kw_only` is false."""
    if cls is not None:
        return _slotted(cls, _Shape(kw_only=kw_only, frozen=True, eq=eq))
    return lambda given: _slotted(given, _Shape(kw_only=kw_only, frozen=True, eq=eq))


@overload
@dataclass_transform(field_specifiers=(Field, field))
def mutable(cls: type[T], /) -> type[T]: ...
@overload
@dataclass_transform(field_specifiers=(Field, field))
def mutable(*, kw_only: bool = False, eq: bool = True) -> Callable[[type[T]], type[T]]: ...


def mutable(
    cls: type[T] | None = None, /, *, kw_only: bool = False, eq: bool = True
) -> type[T] | Callable[[type[T]], type[T]]:
    """A class whose objects change, so that none of them has a hash, unless `eq` is false."""
    if cls is not None:
        return _slotted(cls, _Shape(kw_only=kw_only, frozen=False, eq=eq))
    return lambda given: _slotted(given, _Shape(kw_only=kw_only, frozen=False, eq=eq))


# --- while a module is imported ---


def _slotted(cls: type[T], shape: _Shape) -> type[T]:
    taken: set[str] = set()
    for base in reversed(cls.__mro__[1:]):
        inherited: _Shape | None = base.__dict__.get(_SHAPE)
        if inherited is not None:
            shape.members.update(inherited.members)
        taken.update(_slots_of(base))
    body = dict(cls.__dict__)
    for name, told in cls.__annotations__.items():
        if not told.startswith(_OF_ALL_OBJECTS):
            shape.members[name] = (told, body.pop(name, MISSING))
    for name in ("__dict__", "__weakref__"):
        body.pop(name, None)
    body["__slots__"] = tuple(name for name in shape.members if name not in taken)
    body[_SHAPE] = shape
    for name, made in _methods(shape, body):
        body.setdefault(name, made)
    kind: Any = type(cls)
    anew: type[T] = kind(cls.__name__, cls.__bases__, body)
    anew.__qualname__ = cls.__qualname__
    return anew


def _slots_of(base: type) -> tuple[str, ...]:
    slots = base.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _methods(shape: _Shape, body: dict[str, Any]) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = [
        ("__init__", _Later(_init)),
        ("__repr__", _Later(_repr)),
        ("__dataclass_fields__", _Later(_fields)),
        ("__dataclass_params__", _Later(_params)),
        ("__match_args__", () if shape.kw_only else tuple(_placed(shape))),
        ("__replace__", _replace),
    ]
    if shape.eq:
        hashes = "__hash__" not in body or (body["__hash__"] is None and "__eq__" in body)
        if hashes:
            body["__hash__"] = _Later(_hash) if shape.frozen else None
        found.append(("__eq__", _Later(_eq)))
    if shape.frozen:
        found += [
            ("__setattr__", _refuse_to_set),
            ("__delattr__", _refuse_to_delete),
            ("__getstate__", _state),
            ("__setstate__", _restore),
        ]
    return found


def _placed(shape: _Shape) -> Iterator[str]:
    for name, (_, given) in shape.members.items():
        if not isinstance(given, Field) or given.init:
            yield name


def _refuse_to_set(_self: object, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[object]:
    return [getattr(self, name) for name in self.__shape__.members]


def _restore(self: Any, state: list[object]) -> None:
    for name, held in zip(self.__shape__.members, state, strict=True):
        object.__setattr__(self, name, held)


def _replace(self: Any, /, **changes: object) -> object:
    return dataclasses.replace(self, **changes)


# --- when a class is used ---


class _Later:
    """An attribute of a class that is made when somebody first asks for it."""

    __slots__ = ("_make", "_name", "_owner")

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self._make = make

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner = owner
        self._name = name

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        made = self._make(self._owner)
        setattr(self._owner, self._name, made)
        if instance is None or not callable(made):
            return made
        return made.__get__(instance, owner)


def _init(cls: type) -> Callable[..., None]:
    shape: _Shape = cls.__dict__[_SHAPE]
    around: dict[str, object] = {"_UNSET": _UNSET}
    asked = []
    acts = []
    for name, one in _declared(cls):
        value = name
        if one.default is not MISSING:
            around[f"_default_{name}"] = one.default
            value = name if one.init else f"_default_{name}"
            argument = f"{name}=_default_{name}"
        elif one.default_factory is not MISSING:
            around[f"_make_{name}"] = one.default_factory
            value = f"_make_{name}()"
            if one.init:
                value = f"{value} if {name} is _UNSET else {name}"
            argument = f"{name}=_UNSET"
        elif one.init:
            argument = name
        else:
            continue
        if one.init:
            asked.append(argument)
        if shape.frozen:
            # Half as expensive as `object.__setattr__`.
            around[f"_set_{name}"] = getattr(cls, name).__set__
            acts.append(f"_set_{name}(self, {value})")
        else:
            acts.append(f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        acts.append("self.__post_init__()")
    if shape.kw_only and asked:
        asked.insert(0, "*")
    text = f"def __init__({', '.join(('self', *asked))}):\n " + "\n ".join(acts or ["pass"])
    exec(text, around)  # noqa: S102  # the names are those of the class, as in dataclasses
    made: Any = around["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__module__ = cls.__module__
    return made  # type: ignore[no-any-return]


def _repr(cls: type) -> Callable[[object], str]:
    names = [name for name, one in _declared(cls) if one.repr]

    @recursive_repr()
    def told(self: object) -> str:
        members = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({members})"

    return told


def _eq(cls: type) -> Callable[[object, object], bool]:
    held = _getter([name for name, one in _declared(cls) if one.compare])

    def equal(self: object, other: object) -> bool:
        return held(self) == held(other) if other.__class__ is self.__class__ else NotImplemented

    return equal


def _hash(cls: type) -> Callable[[object], int]:
    hashed = [
        name for name, one in _declared(cls) if (one.compare if one.hash is None else one.hash)
    ]
    held = _getter(hashed)
    return lambda self: held(self).__hash__()


def _getter(names: list[str]) -> Callable[[object], tuple[object, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda self: tuple([getattr(self, name) for name in names])


def _fields(cls: type) -> dict[str, Field[Any]]:
    shape: _Shape = cls.__dict__[_SHAPE]
    like: Any = dataclasses.make_dataclass(
        cls.__name__,
        [(name, shape.members[name][0], one) for name, one in _declared(cls)],
        init=False,
        repr=False,
        eq=False,
        kw_only=shape.kw_only,
        namespace=_TOLD,
    )
    found: dict[str, Field[Any]] = like.__dataclass_fields__
    return found


def _params(cls: type) -> object:
    shape: _Shape = cls.__dict__[_SHAPE]
    like: Any = dataclasses.make_dataclass(
        cls.__name__, [], eq=shape.eq, frozen=shape.frozen, namespace=_TOLD
    )
    return like.__dataclass_params__


def _declared(cls: type) -> Iterator[tuple[str, Field[Any]]]:
    shape: _Shape = cls.__dict__[_SHAPE]
    for name, (_, given) in shape.members.items():
        yield name, given if isinstance(given, Field) else field(default=given)
