"""Walks the packages and the contract side by side, and lists what only one of them has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from contract_diff.declared import ROOTS, Declared, Holds

PACKAGES: Final = "packages"
CONTRACT: Final = "contract"


class Difference(NamedTuple):
    """Something that one side alone has. `what` is its kind and place, such as
    `value reply response.status 'paused'`; `packages` are those that have it, or that lack it."""

    only_in: str
    what: str
    packages: tuple[str, ...]

    def __str__(self) -> str:
        return f"only in the {self.only_in}: {self.what} ({', '.join(self.packages)})"


@dataclass(slots=True)
class _Place:
    """What was found at one place of the contract. `ours` are words such as `member x`."""

    ours: set[str] = field(default_factory=set)
    theirs: dict[str, set[str]] = field(default_factory=dict)


class _Walk:
    def __init__(self, contract: Declared) -> None:
        self._contract = contract
        self._waiting: list[tuple[Declared, str, str, bool]] = []
        self._seen: set[tuple[str, str, str]] = set()
        self.places: dict[str, _Place] = {}
        self.packages: list[str] = []

    def package(self, package: Declared) -> None:
        self.packages.append(package.name)
        for root in ROOTS:
            self._holds(package, package.roots[root], self._contract.roots[root], root.replace(".", " "))
        while self._waiting:
            source, theirs, ours, tagged = self._waiting.pop()
            self._object(source, theirs, ours, tagged=tagged)

    def _place(self, package: Declared, place: str, ours: Iterable[str], theirs: Iterable[str]) -> None:
        found = self.places.setdefault(place, _Place())
        found.ours.update(ours)
        for word in theirs:
            found.theirs.setdefault(word, set()).add(package.name)

    def _object(self, package: Declared, theirs: str, ours: str, *, tagged: bool) -> None:
        if (package.name, theirs, ours) in self._seen:
            return
        self._seen.add((package.name, theirs, ours))
        their_members, our_members = package.objects[theirs], self._contract.objects[ours]
        tag = {"type"} if tagged else set()
        self._place(
            package,
            ours,
            (f"member {name}" for name in our_members.keys() - tag),
            (f"member {name}" for name in their_members.keys() - tag),
        )
        for name in (their_members.keys() & our_members.keys()) - tag:
            self._holds(package, their_members[name], our_members[name], f"{ours}.{name}")

    def _holds(self, package: Declared, theirs: Holds, ours: Holds, place: str) -> None:
        if ours.values and theirs.values:
            self._place(package, place, _values(ours.values), _values(theirs.values))
        self._place(package, place, (), _open(theirs, ours))
        if not ours.anything and not theirs.anything:
            self._place(package, place, _forms(ours), _forms(theirs))
        if ours.element is not None and theirs.element is not None:
            self._holds(package, theirs.element, ours.element, place)
        if not ours.tagged:
            self._waiting += [(package, one, ours_, False) for one in theirs.objects for ours_ in ours.objects]
            return
        tags = {tag: one for one in ours.objects for tag in self._contract.objects[one]["type"].values}
        self._place(package, place, (f"type {tag!r}" for tag in tags), ())
        for one in theirs.objects:
            for tag in _tags(package, one):
                self._place(package, place, (), [f"type {tag!r}"])
                if tag in tags:
                    self._waiting.append((package, one, tags[tag], True))


def _open(theirs: Holds, ours: Holds) -> Iterator[str]:
    """What a package describes where the contract takes anything, so that nothing is compared."""
    if theirs.objects and ours.anything and not ours.objects:
        yield "members"
    if theirs.values and not theirs.text and not ours.values and (ours.text or ours.anything):
        yield "values"


def _tags(package: Declared, name: str) -> frozenset[str]:
    held = package.objects[name].get("type", Holds())
    return held.values or frozenset({f"(of {name.rpartition(':')[2]}, which has none)"})


def _values(values: Iterable[str]) -> Iterator[str]:
    return (f"value {value!r}" for value in values)


def _forms(held: Holds) -> Iterator[str]:
    if held.text or held.values:
        yield "form string"
    if held.objects:
        yield "form object"
    if held.element is not None:
        yield "form list"


def compare(contract: Declared, packages: Sequence[Declared]) -> list[Difference]:
    """What only the packages or only the contract has, by place. What the contract has is missing
    only where every package lacks it."""
    walk = _Walk(contract)
    for package in packages:
        walk.package(package)
    return [*_differences(walk)]


def _differences(walk: _Walk) -> Iterator[Difference]:
    for place, words in sorted(walk.places.items()):
        for word in sorted(words.ours | words.theirs.keys()):
            kind, _, rest = word.partition(" ")
            what = f"{kind} {place}{'.' if kind == 'member' else ' '}{rest}".rstrip()
            if word not in words.ours:
                yield Difference(PACKAGES, what, tuple(sorted(words.theirs[word])))
            elif word not in words.theirs:
                yield Difference(CONTRACT, what, tuple(walk.packages))
