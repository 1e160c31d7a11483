"""Classes finished on first use behave as the dataclasses they stand for."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from mockserver import values

T = TypeVar("T")
Decorator = Callable[[type], Any]


# What is declared in one place with our decorator, in the other with the standard library's.
FROZEN: tuple[Decorator, ...] = (
    values.frozen,
    dataclasses.dataclass(frozen=True, slots=True, kw_only=True),
)
PLACED: tuple[Decorator, ...] = (
    values.frozen(kw_only=False),
    dataclasses.dataclass(frozen=True, slots=True),
)
MUTABLE: tuple[Decorator, ...] = (values.mutable, dataclasses.dataclass(slots=True))
NAMED: tuple[Decorator, ...] = (
    values.mutable(kw_only=True),
    dataclasses.dataclass(slots=True, kw_only=True),
)
BY_IDENTITY: tuple[Decorator, ...] = (
    values.frozen(eq=False),
    dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False),
)


def point(decorate: Decorator) -> Any:
    class Point:
        """A place."""

        x: int
        y: int = 2
        tags: list[str] = field(default_factory=list)
        note: str = field(default="n", compare=False, repr=False)
        kind: ClassVar[str] = "point"

        @property
        def sum(self) -> int:
            return self.x + self.y

    return decorate(Point)


def told(decorate: Decorator) -> Any:
    class Told:
        x: int
        twice: int = field(init=False)
        always: int = field(default=7, init=False)
        made: list[int] = field(default_factory=list, init=False)
        key: str = field(default="k", hash=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "twice", 2 * self.x)

    return decorate(Told)


def below(decorate: Decorator) -> Any:
    base = point(decorate)

    class Below(base):  # type: ignore[misc, valid-type]
        z: int = 3
        y: int = 4

    return decorate(Below)


def outcome(act: Callable[[], object]) -> object:
    try:
        return act()
    except (TypeError, AttributeError) as error:
        return type(error), str(error)


@pytest.mark.parametrize("declare", [point, told, below])
@pytest.mark.parametrize("pair", [FROZEN, PLACED, MUTABLE, NAMED, BY_IDENTITY])
@pytest.mark.parametrize(
    "ask",
    [
        lambda cls: repr(cls(x=1)).rpartition(".")[2],
        lambda cls: outcome(lambda: cls(1).x),
        lambda cls: outcome(lambda: cls().x),
        lambda cls: outcome(lambda: cls(x=1, w=1)),
        lambda cls: outcome(lambda: setattr(cls(x=1), "x", 2)),
        lambda cls: outcome(lambda: delattr(cls(x=1), "x")),
        lambda cls: cls(x=1) == cls(x=1),
        lambda cls: cls(x=1) == cls(x=2),
        lambda cls: cls(x=1) == 1,
        lambda cls: cls.__hash__ is None,
        lambda cls: cls.__slots__,
        lambda cls: cls.__match_args__,
        lambda cls: (cls.__doc__ or "").startswith("A place"),
        lambda cls: [(one.name, one.type, one.kw_only) for one in dataclasses.fields(cls)],
        lambda cls: dataclasses.replace(cls(x=1), x=5).x,
        dataclasses.is_dataclass,
        lambda cls: [
            (one.name, one.kind, one.default is one.empty)
            for one in inspect.signature(cls).parameters.values()
        ],
        lambda cls: copy.copy(cls(x=9)).x,
        lambda cls: (cls.__dataclass_params__.frozen, cls.__dataclass_params__.eq),
    ],
)
def test_a_class_does_what_the_dataclass_does(
    declare: Callable[[Decorator], Any],
    pair: tuple[Decorator, Decorator],
    ask: Callable[[Any], object],
) -> None:
    mine, standard = (ask(declare(decorate)) for decorate in pair)
    assert mine == standard


@pytest.mark.parametrize("pair", [FROZEN, PLACED])
def test_equal_objects_hash_equally_and_others_differ(pair: tuple[Decorator, Decorator]) -> None:
    for decorate in pair:

        class Pair:
            x: int
            note: str = field(default="", compare=False)
            kept: str = field(default="", hash=False)

        made = decorate(Pair)
        assert hash(made(x=1)) == hash(made(x=1, note="n", kept="k"))
        assert hash(made(x=1)) != hash(made(x=2))
        assert made(x=1) == made(x=1, note="n")
        assert made(x=1) != made(x=1, kept="k")


def test_an_object_of_one_field_equals_itself_when_the_field_does_not() -> None:
    @values.frozen
    class Alone:
        x: float

    one = Alone(x=float("nan"))
    assert one == Alone(x=one.x)
    assert hash(one) == hash(Alone(x=one.x))


def test_methods_of_its_own_stay() -> None:
    @values.frozen
    class Own:
        x: int

        def __init__(self, x: int) -> None:
            object.__setattr__(self, "x", x + 1)

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 4

        def __repr__(self) -> str:
            return "own"

    made = Own(1)
    assert (made.x, made == 3, hash(made), repr(made)) == (2, True, 4, "own")


def test_a_class_without_a_hash_says_so_itself() -> None:
    @values.frozen
    class Own:
        x: int

        def __eq__(self, other: object) -> bool:
            return False

        __hash__ = None  # type: ignore[assignment]

    @values.mutable(eq=False)
    class ByIdentity:
        x: int

    # As with dataclasses, a frozen class with an `__eq__` of its own is hashed by its fields.
    assert hash(Own(x=1)) == hash(Own(x=1))
    assert len({ByIdentity(1), ByIdentity(1)}) == 2


def test_a_subclass_that_is_not_decorated_is_made_like_its_base() -> None:
    base = point(values.frozen)

    class Plain(base):  # type: ignore[misc, valid-type]
        pass

    made = Plain(x=1)
    assert (made.x, made.y, base(x=3).x) == (1, 2, 3)
    assert made != base(x=1)
    assert dataclasses.fields(made) == dataclasses.fields(base)


def test_a_dataclass_may_stand_below() -> None:
    base = point(values.frozen)

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Below(base):  # type: ignore[misc, valid-type]
        z: int

    assert Below(x=1, z=3) == Below(x=1, y=2, z=3)
    with pytest.raises(TypeError, match="cannot inherit non-frozen dataclass from a frozen one"):
        dataclasses.dataclass(type("Loose", (base,), {}))


def test_generic_classes_and_slots_of_a_base_are_known() -> None:
    class Base:
        __slots__ = "x"  # noqa: PLC0205  # it may be written so

    @values.frozen
    class Held(Base, Generic[T]):
        x: int
        y: T

    made = Held[str](x=1, y="a")
    assert Held.__dict__["__slots__"] == ("y",)
    assert (made.x, made.y, hasattr(made, "__dict__")) == (1, "a", False)


def test_an_empty_class_can_be_made() -> None:
    @values.frozen
    class Nothing:
        pass

    assert Nothing() == Nothing()
    assert repr(Nothing()).endswith("Nothing()")


def test_an_object_that_holds_itself_can_be_shown() -> None:
    @values.mutable
    class Ring:
        held: list[object]

    ring = Ring([])
    ring.held.append(ring)
    assert repr(ring).endswith("Ring(held=[...])")


@values.frozen
class Kept:
    x: int
    y: str = "y"


def test_frozen_objects_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(Kept(x=1))) == Kept(x=1)


def test_a_copy_may_differ() -> None:
    replace: Any = Kept.__dict__["__replace__"]
    assert replace(Kept(x=1), y="z") == Kept(x=1, y="z")


def test_no_attribute_can_be_set_that_is_no_field() -> None:
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'z'"):
        setattr(Kept(x=1), "z", 1)  # noqa: B010  # the type checker knows better


def test_methods_are_written_on_first_use() -> None:
    program = (
        "from mockserver.core.frames import Wait\n"
        "print(type(Wait.__dict__['__init__']).__name__)\n"
        "Wait(seconds=1)\n"
        "print(type(Wait.__dict__['__init__']).__name__)\n"
    )
    told = subprocess.run(
        (sys.executable, "-c", program), check=True, capture_output=True, text=True
    )
    assert told.stdout.split() == ["_Later", "function"]
