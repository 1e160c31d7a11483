"""What is stored of calls: any order of calls, retrievals and deletions, against a plain model."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tests.kit import (
    JSON,
    ExchangeKind,
    Outcome,
    OutcomeKind,
    Record,
    Request,
    Store,
    Stored,
    StoredName,
    read,
    write_bytes,
)


def record(
    number: int, *, parent: str | None = None, background: bool = False, how: OutcomeKind | None = OutcomeKind.COMPLETE
) -> Record:
    body = write_bytes({"parent": parent, "background": background})
    request = Request(method="POST", target="/", path="/", body=body)
    made = Record(number=number, kind=ExchangeKind.CALL, at_s=0.0, request=request)
    made.outcome = None if how is None else outcome(how)
    return made


def outcome(how: OutcomeKind = OutcomeKind.COMPLETE) -> Outcome:
    return Outcome(how=how, frames=1, sent=1, started_s=0.0, ended_s=0.0)


@dataclass
class Reader:
    """A call stores `r` and its number, unless that is divisible by seven."""

    made: int = 0

    def name(self, record: Record) -> StoredName | None:
        body = read(record.request.body)
        assert isinstance(body, dict)
        return StoredName(f"r{record.number}", body["background"] is True) if record.number % 7 else None

    def read(self, record: Record) -> Stored:
        self.made += 1
        body = read(record.request.body)
        assert isinstance(body, dict)
        parent = body["parent"]
        return Stored(
            id=f"r{record.number}",
            value={"object": "response", "output": [f"out{record.number}"]},
            given=(f"in{record.number}",),
            parent=parent if isinstance(parent, str) else None,
            background=body["background"] is True,
        )


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 30)),
        st.tuples(st.just("cut"), st.integers(0, 30)),
        st.tuples(st.just("get"), st.integers(0, 30)),
        st.tuples(st.just("delete"), st.integers(0, 30)),
        st.tuples(st.just("history"), st.integers(0, 30)),
    ),
    max_size=40,
)


@given(STEPS, st.integers(1, 12))
def test_it_agrees_with_a_plain_model(steps: list[tuple[str, int]], limit: int) -> None:
    store = Store(Reader(), limit=limit)
    parents: dict[str, str | None] = {}
    deleted: set[str] = set()
    number = 0
    for what, argument in steps:
        name = f"r{argument}"
        known = name in parents and name not in deleted
        if what in ("add", "cut"):
            number += 1
            how = OutcomeKind.COMPLETE if what == "add" else OutcomeKind.CUT
            store.add(record(number, parent=name, how=how))
            store.get("")  # named at once; until then a call counts that stores nothing
            if len(parents) == limit:
                del parents[next(iter(parents))]
            if what == "add" and number % 7:
                parents[f"r{number}"] = name
        elif what == "get":
            found = store.get(name)
            assert (found is not None) == known
            assert found is None or (found.id, found.kind) == (name, "response")
        elif what == "delete":
            assert store.delete(name) is known
            deleted |= {name} if known else set()
        else:
            expected: list[JSON] = []
            following: str | None = name if known else None
            while following in parents:
                expected[:0] = [f"in{following[1:]}", f"out{following[1:]}"]
                following = parents[following]
            assert store.history(name) == (tuple(expected) if known else None)
    assert [one.id for one in store.all()] == [name for name in parents if name not in deleted]


def test_a_call_makes_nothing_before_something_is_retrieved() -> None:
    reader = Reader()
    store = Store(reader)
    for number in range(1, 6):
        store.add(record(number))
    assert reader.made == 0
    assert store.get("r3") is not None
    assert store.get("r3") is not None
    assert reader.made == 1


def test_a_reply_in_flight_is_stored_when_it_has_ended() -> None:
    store = Store(Reader())
    running = record(1, how=None)
    store.add(running)
    assert store.get("r1") is None
    running.outcome = outcome()
    assert store.get("r1") is not None
    assert not store.in_flight("r1")


def test_a_reply_in_the_background_is_stored_at_once() -> None:
    store = Store(Reader())
    store.add(record(1, background=True, how=None))
    assert store.get("r1") is not None
    assert store.in_flight("r1")
    store.change("r1", {"status": "cancelled"})
    assert store.get("r1") == Stored(
        id="r1",
        value={"object": "response", "output": ["out1"], "status": "cancelled"},
        given=("in1",),
        background=True,
    )


def test_the_oldest_leave_first_by_number_and_by_size() -> None:
    store = Store(Reader(), limit=3)
    for number in range(1, 6):
        store.add(record(number))
    assert [one.id for one in store.all()] == ["r3", "r4", "r5"]
    assert store.evicted == 2
    small = Store(Reader(), limit_bytes=2 * record(1).size_bytes)
    for number in range(1, 5):
        small.add(record(number))
        assert small.get(f"r{number}") is not None
    assert [one.id for one in small.all()] == ["r3", "r4"]
    store.clear()
    assert [*store.all()] == []
    assert store.evicted == 0


def test_many_objects_are_made_again_when_they_are_asked_for() -> None:
    reader = Reader()
    store = Store(reader)
    for number in range(1, 700):
        store.add(record(number))
    everything = sum(1 for _ in store.all())
    assert everything == reader.made == 600
    assert store.get("r1") is not None
    assert reader.made == 601


def test_the_later_of_two_objects_with_one_id_is_found() -> None:
    store = Store(Reader())
    store.add(record(1, parent="a"))
    assert store.get("r1") is not None
    store.add(record(1, parent="b"))
    found = store.get("r1")
    assert found is not None
    assert found.parent == "b"
    assert found.output == ("out1",)
    assert Stored(id="x", value={}).output == ()
