"""What a sandbox remembers, and within which bounds."""

from __future__ import annotations

from dataclasses import replace

from mockserver.model.call import Call
from mockserver.model.endpoint import Endpoint
from mockserver.model.frames import EndOfReply, Outcome, OutcomeKind, Part, Script, Send
from mockserver.model.journal import Entry, ExchangeKind, Journal, Recorded
from mockserver.model.request import Request

DONE = Outcome(how=OutcomeKind.COMPLETE, frames=1, sent=10, started_s=0.0, ended_s=1.0)


def note(journal: Journal, body: bytes = b"") -> Entry:
    request = Request(method="POST", target="/", path="/", body=body)
    entry = Entry(number=journal.next_number(), kind=ExchangeKind.CALL, at_s=0.0, request=request)
    journal.add(entry)
    return entry


def numbers(journal: Journal) -> list[int]:
    return [entry.number for entry in journal]


def test_entries_are_numbered_from_1_in_order() -> None:
    journal = Journal()
    entries = (note(journal), note(journal))
    assert journal.entries == entries
    assert numbers(journal) == [1, 2]
    assert (len(journal), journal.dropped, journal.next_number()) == (2, 0, 3)
    assert journal.get(2) is entries[1]
    assert journal.get(3) is None


def test_the_oldest_make_room() -> None:
    journal = Journal(limit=2)
    for _ in range(5):
        note(journal)
    assert numbers(journal) == [4, 5]
    assert (journal.dropped, journal.next_number()) == (3, 6)


def test_bodies_are_bounded_but_the_last_entry_stays() -> None:
    journal = Journal(limit_bytes=12)  # the target counts as well
    for size in (4, 4, 4):
        note(journal, b"x" * size)
    assert numbers(journal) == [2, 3]
    note(journal, b"x" * 11)
    assert numbers(journal) == [4]
    note(journal, b"x")
    assert numbers(journal) == [5]


def test_an_end_replaces_the_entry() -> None:
    journal = Journal()
    first, second = note(journal), note(journal)
    assert [*journal.open] == [1, 2]
    journal.end(1, DONE)
    assert journal.entries == (replace(first, outcome=DONE), second)
    assert first.outcome is None
    assert [*journal.open] == [2]


def test_the_end_of_a_forgotten_exchange_is_ignored() -> None:
    journal = Journal(limit=1)
    note(journal)
    kept = note(journal)
    journal.end(1, DONE)
    assert journal.entries == (kept,)


def test_iterating_outlasts_changes() -> None:
    journal = Journal(limit=2)
    note(journal)
    note(journal)
    seen = [(entry.number, note(journal).number) for entry in journal]
    assert seen == [(1, 3), (2, 4)]


def test_clearing_counts_from_1_again() -> None:
    journal = Journal(limit=1)
    note(journal, b"x")
    note(journal, b"x")
    journal.clear()
    assert (journal.entries, journal.dropped, journal.next_number()) == ((), 0, 1)
    assert note(journal).number == 1


def test_a_closed_gate_is_noted_once_for_each_time() -> None:
    journal = Journal()
    note(journal)
    journal.hold(1, "text.delta[0]")
    journal.hold(1, "terminator")
    journal.hold(7, "terminator")
    assert [entry.held for entry in journal] == [("text.delta[0]", "terminator")]


def test_an_exchange_that_ends_after_a_clearing_is_not_told_of_its_successor() -> None:
    journal = Journal()
    before = journal.generation
    note(journal)
    journal.clear()
    successor = note(journal)
    outcome = Outcome(how=OutcomeKind.COMPLETE, frames=1, sent=1, started_s=0.0, ended_s=1.0)

    journal.end(successor.number, outcome, generation=before)
    assert journal.entries == (successor,)

    journal.end(successor.number, outcome, generation=journal.generation)
    assert [one.outcome for one in journal] == [outcome]


def weighed(**members: object) -> int:
    """How many entries of a kind a journal of 100,000 bytes keeps."""
    journal = Journal(limit_bytes=100_000)
    for _ in range(200):
        request = Request(method="POST", target="/", path="/")
        entry = Entry(
            number=journal.next_number(), kind=ExchangeKind.CALL, at_s=0.0, request=request
        )
        journal.add(replace(entry, **members))  # type: ignore[arg-type]
    return len(journal)


def test_whatever_an_entry_holds_on_to_counts() -> None:
    text = "x" * 10_000
    large = Request(method="POST", target="/", path="/", body=text.encode())
    headed = Request(method="POST", target="/", path="/", headers=(("x", text),))
    called = Call(endpoint=Endpoint.CHAT, body={"model": text})
    again = Call(Endpoint.CHAT, data=text.encode())
    sent = Script(frames=(Send(data=text.encode(), part=Part.BODY), EndOfReply()))
    slices = Script(frames=(*(Send(data=b"x", part=Part.BODY) for _ in range(100)), EndOfReply()))
    assert weighed() == 200
    assert weighed(call=called) == 200  # its bytes are the request's
    assert weighed(request=large) == weighed(request=headed) == weighed(call=again) == 9
    assert weighed(script=sent) == weighed(script=slices) == 9


def test_what_one_reader_parses_is_not_kept_for_the_next() -> None:
    journal = Journal()
    request = Request(method="POST", target="/", path="/")
    kept = Call(Endpoint.CHAT, data=b'{"model":"m"}')
    journal.add(Recorded(1, 0.0, request, Endpoint.CHAT, kept, None, (), 200, None))
    [one], [two] = journal, journal
    assert one.call is not two.call
    assert one.call is not None
    assert one.call.model == "m"
    assert kept.size_bytes == len(b'{"model":"m"}')
