"""What a sandbox remembers, and within which bounds."""

from __future__ import annotations

from typing import Any

from tests.kit import (
    Call,
    EndOfReply,
    Endpoint,
    ExchangeKind,
    Journal,
    Outcome,
    OutcomeKind,
    Part,
    Record,
    Request,
    Script,
    Send,
)

DONE = Outcome(how=OutcomeKind.COMPLETE, frames=1, sent=10, started_s=0.0, ended_s=1.0)


def note(journal: Journal, body: bytes = b"") -> Record:
    request = Request(method="POST", target="/", path="/", body=body)
    entry = Record(number=journal.next_number(), kind=ExchangeKind.CALL, at_s=0.0, request=request)
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


def test_an_exchange_is_open_until_it_has_an_outcome() -> None:
    journal = Journal()
    first = note(journal)
    note(journal)
    assert [*journal.open] == [1, 2]
    first.outcome = DONE
    assert [*journal.open] == [2]


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


def weighed(**members: object) -> int:
    """How many entries of a kind a journal of 100,000 bytes keeps."""
    journal = Journal(limit_bytes=100_000)
    for _ in range(200):
        request = Request(method="POST", target="/", path="/")
        given: dict[str, Any] = {"request": request, **members}
        journal.add(Record(number=journal.next_number(), kind=ExchangeKind.CALL, at_s=0.0, **given))
    return len(journal)


def test_everything_that_a_record_references_counts() -> None:
    text = "x" * 10_000
    large = Request(method="POST", target="/", path="/", body=text.encode())
    headed = Request(method="POST", target="/", path="/", headers=(("x", text),))
    sent = Script(frames=(Send(data=text.encode(), part=Part.BODY), EndOfReply()))
    slices = Script(frames=(*(Send(data=b"x", part=Part.BODY) for _ in range(100)), EndOfReply()))
    assert weighed() == 200
    assert weighed(endpoint=Endpoint.CHAT) == 200  # its bytes are the request's
    assert weighed(request=large) == weighed(request=headed) == weighed(decoded=text.encode()) == 9
    assert weighed(source=sent) == weighed(source=slices) == 9


def record(body: bytes = b"", **members: Any) -> Record:
    request = Request(method="POST", target="/", path="/", body=body)
    return Record(number=1, kind=ExchangeKind.CALL, at_s=0.0, request=request, **members)


def test_what_one_reader_parses_is_not_kept_for_the_next() -> None:
    one = record(b'{"model":"m"}', endpoint=Endpoint.CHAT)
    call = one.call
    assert call is not None
    assert call.model == "m"
    assert one.call is not call


def test_what_was_decoded_is_read_in_place_of_the_body() -> None:
    call = record(b"packed", endpoint=Endpoint.CHAT, decoded=b'{"model":"m"}').call
    assert call is not None
    assert call.model == "m"
    assert record(b'{"model":"m"}').call is None
    assert record(b"[", endpoint=Endpoint.CHAT).call == Call(endpoint=Endpoint.CHAT, body={})


def test_a_script_is_kept_or_composed_again() -> None:
    script = Script(frames=(Send(data=b"x", part=Part.BODY), EndOfReply()))
    assert record().script is None
    assert record(source=script).script is script
    again = record(b'{"model":"m"}', endpoint=Endpoint.CHAT, source=lambda call: script)
    assert again.script is script
    assert record(source=lambda call: script).script is None


def test_what_is_known_later_counts_as_well() -> None:
    journal = Journal(limit_bytes=500)
    first, second = note(journal), note(journal)
    script = Script(frames=(Send(data=b"x" * 300, part=Part.BODY),))
    for record in (first, second):
        journal.complete(record, status=500, findings=(), source=script)
    assert (second.status, second.findings, second.source) == (500, (), script)
    note(journal)
    assert numbers(journal) == [2, 3]
    journal.complete(first, status=200, findings=(), source=None)
    note(journal)
    assert numbers(journal) == [2, 3, 4]
