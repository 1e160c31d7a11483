"""Which other stubs could have answered, from the records of a journal."""

from __future__ import annotations

from dataclasses import replace

from tests.kit import ExchangeKind, Journal, Match, Record, Request, Stub, StubSet, Times, shadowed_stubs, write_bytes
from tests.model.test_stub_set import call, scenario, stub, user

REQUEST = Request(method="POST", target="/", path="/")


class Story:
    """Calls of a stubs, written down as a sandbox does."""

    def __init__(self, *stubs: Stub) -> None:
        self.stubs = StubSet((scenario(*stubs),))
        self.journal = Journal()

    def ask(self, *texts: str) -> None:
        for text in texts:
            asked = call(text)
            mounted = self.stubs.find(asked)
            choice = self.stubs.miss(asked) if mounted is None else self.stubs.claim(mounted, asked)
            self.journal.add(
                Record(
                    number=self.journal.next_number(),
                    kind=ExchangeKind.CALL,
                    at_s=0.0,
                    request=REQUEST,
                    endpoint=asked.endpoint,
                    decoded=write_bytes(asked.body),
                    choice=choice,
                )
            )

    def shadowed(self) -> dict[int, list[tuple[str, str, int]]]:
        found = shadowed_stubs(self.journal.entries, range(1, 100))
        return {
            number: [(one.stub.name, one.why.value, one.used) for one in others] for number, others in found.items()
        }


def test_the_order_written_decides_between_equals() -> None:
    story = Story(stub("first"), stub("second"), stub("third", user("else")))
    story.ask("hi")
    assert story.shadowed() == {1: [("second", "order", 0)]}


def test_a_higher_priority_comes_before_the_order() -> None:
    story = Story(stub("low"), stub("high", priority=5), stub("lower", priority=-1))
    story.ask("hi")
    assert story.shadowed() == {1: [("low", "priority", 0), ("lower", "priority", 0)]}


def test_an_exhausted_stub_is_listed_with_its_count_of_that_time() -> None:
    story = Story(stub("twice", times=Times(most=2)), stub("always"))
    story.ask("hi", "hi", "hi", "hi")
    assert story.shadowed() == {
        1: [("always", "order", 0)],
        2: [("always", "order", 0)],
        3: [("twice", "used up", 2)],
        4: [("twice", "used up", 2)],
    }


def test_a_later_stub_that_is_exhausted_is_not_listed() -> None:
    story = Story(stub("bye", user("bye")), stub("once", times=Times(most=1)))
    story.ask("hi", "bye")
    assert story.shadowed() == {}


def test_without_a_choice_nothing_is_listed() -> None:
    story = Story(stub("bye", user("bye")), stub("hi", user("hi")))
    story.ask("bye", "hi", "other")
    assert story.shadowed() == {}


def test_a_stub_that_is_loaded_later_is_not_listed() -> None:
    story = Story(stub("first"))
    story.ask("hi")
    story.stubs.load(scenario(stub("second"), name="two"))
    story.ask("hi")
    assert story.shadowed() == {2: [("second", "order", 0)]}


def test_counts_survive_that_a_scenario_is_loaded_again() -> None:
    once = stub("once", times=Times(most=1))
    always = stub("always")
    story = Story(once, always)
    story.ask("hi", "hi")
    story.stubs.load(scenario(once, always))
    story.ask("hi", "hi")
    assert story.shadowed() == {
        1: [("always", "order", 0)],
        2: [("once", "used up", 1)],
        3: [("always", "order", 0)],
        4: [("once", "used up", 1)],
    }


def test_only_the_given_numbers_are_evaluated() -> None:
    story = Story(stub("twice", times=Times(most=2)), stub("always"))
    story.ask("hi", "hi", "hi")
    assert [*shadowed_stubs(story.journal.entries, {3})] == [3]
    assert [*shadowed_stubs(story.journal.entries[2:], {3})] == [3]


def test_a_match_without_candidates_shadows_none() -> None:
    story = Story(stub("first"), stub("second"))
    story.ask("hi")
    [entry] = story.journal.entries
    assert isinstance(entry.choice, Match)
    alone = replace(entry, choice=replace(entry.choice, among=()))
    assert shadowed_stubs([alone], {1}) == {}
