from __future__ import annotations

from dataclasses import replace

from tests.conftest import Golden
from tests.kit import ExchangeKind, OutcomeKind, Record, Request, exchange_line, journal_text
from tests.report.weather import (
    ASKS,
    BOTH,
    BREACH,
    COMPACTS,
    CUT,
    NOTICE,
    SAYS_GOODBYE,
    TELLS,
    WEATHER,
    World,
    chat,
    request_of,
)


def test_the_journal_has_a_line_for_each_exchange(golden: Golden) -> None:
    world = World(WEATHER)
    world.ask(chat("weather in Paris?"))
    world.ask(chat("weather in Oslo?", stream=True), NOTICE, how=OutcomeKind.CLIENT_LEFT, script=CUT)
    world.ask(chat("no match"), BREACH, how=None)
    world.add(
        Record(
            number=4,
            kind=ExchangeKind.SIDE,
            at_s=1.0,
            request=Request(method="GET", target="/v1/models", path="/v1/models"),
            status=200,
        )
    )
    world.add(
        Record(number=5, kind=ExchangeKind.GARBAGE, at_s=1.0, request=Request(method="", target="", path="")),
        how=OutcomeKind.RESET,
    )
    world.add(Record(number=6, kind=ExchangeKind.CALL, at_s=1.0, request=request_of(b"{"), status=400))
    world.add(Record(number=7, kind=ExchangeKind.CALL, at_s=1.0, request=request_of(b"{}"), status=200))
    golden("report/journal.txt", journal_text(world.journal, dropped=world.journal.dropped))


def test_a_choice_between_stubs_has_its_reason() -> None:
    world = World(
        replace(
            WEATHER,
            stubs=(
                replace(ASKS, when=()),
                TELLS,
                replace(SAYS_GOODBYE, when=(), times=None),
                replace(COMPACTS, on=BOTH, priority=-1),
            ),
        )
    )
    for text in ("Paris?", "Oslo?", "Rome?"):
        world.ask(chat(text))
    chosen = "#{}  POST /v1/chat/completions   200   weather.yaml:{}   complete, 42 bytes in 500 ms"
    lower = '    also     weather.yaml:40 "compacts" — matches, but has priority -1, not 0'
    assert journal_text(world.journal).split("\n") == [
        chosen.format(1, '8 "asks for the weather" call 1 of 2'),
        '    also     weather.yaml:31 "says goodbye" — matches, but a stub before it won',
        lower,
        chosen.format(2, '8 "asks for the weather" call 2 of 2'),
        '    also     weather.yaml:31 "says goodbye" — matches, but a stub before it won',
        lower,
        chosen.format(3, '31 "says goodbye" call 1'),
        '    also     weather.yaml:8 "asks for the weather" — matches, but exhausted (2/2 calls)',
        lower,
    ]


def test_a_paused_reply_has_its_places() -> None:
    world = World(WEATHER)
    entry = world.ask(chat("weather?"), how=None)
    assert exchange_line(replace(entry, held=("at: head", "after: role"))).endswith(
        "call 1 of 2   paused at: head   paused after: role   in flight"
    )


def test_a_line_may_name_the_sandbox() -> None:
    world = World()
    assert exchange_line(world.ask(chat("hi")), sandbox="mine") == (
        "#1  POST /v1/chat/completions   mine sandbox   404   unmatched   complete, 42 bytes in 500 ms"
    )


def test_an_empty_journal_has_a_line_of_its_own() -> None:
    assert journal_text(()) == "no requests received."
