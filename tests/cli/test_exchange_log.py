"""The live log's colours: for what is wrong, on a terminal, and nowhere else."""

from __future__ import annotations

import io

import pytest

from tests.kit import Dialects, ExchangeLog, Finding, Sandbox
from tests.report.weather import BREACH, NOTICE, WEATHER, World, chat

TIME = "00:00:00.250"
LINE = f"{TIME}  mine  #1  POST /v1/chat/completions   "
MATCHED = f'{LINE}200   weather.yaml:8 "asks for the weather" call 1 of 2   complete, 42 bytes in 500 ms'
MISSED = f'{LINE}404   unmatched, closest weather.yaml:8 "asks for the weather"   complete, 42 bytes in 500 ms'
SAID = '   gpt-5.4 "weather"'
ROLE = "    breaks   request.role   messages[0].role: 'usr' is no role"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def logged(stream: io.StringIO, text: str, *findings: Finding, form: str = "text") -> str:
    sandbox = Sandbox("mine", Dialects().find("openai"))
    ExchangeLog(stream, form=form).on_exchange_end(sandbox, World(WEATHER).ask(chat(text), *findings))
    return stream.getvalue()


def test_only_the_first_lines_of_a_batch_have_words() -> None:
    stream, sandbox = io.StringIO(), Sandbox("mine", Dialects().find("openai"))
    log = ExchangeLog(stream, form="text", call_later=lambda _, __: None)
    for _ in range(30):
        log.on_exchange_end(sandbox, World(WEATHER).ask(chat("weather")))
    log.flush()
    assert [line.count('"weather"') for line in stream.getvalue().splitlines()] == [1] * 20 + [0] * 10


CASES: dict[str, tuple[str, tuple[Finding, ...], str, str]] = {
    "good": ("weather", (), MATCHED, ""),
    "a notice": ("weather", (NOTICE,), MATCHED, ""),
    "a breach": ("weather", (BREACH,), f"{MATCHED}{SAID}\n{ROLE}", "\x1b[33m"),
    "unmatched": ("nothing", (), MISSED, "\x1b[31m"),
}


@pytest.mark.parametrize(("text", "findings", "line", "colour"), CASES.values(), ids=CASES)
def test_colour_is_for_what_is_wrong_and_for_terminals(
    text: str, findings: tuple[Finding, ...], line: str, colour: str
) -> None:
    on_paper = logged(io.StringIO(), text, *findings)
    assert on_paper.startswith(line)
    on_screen = logged(Terminal(), text, *findings)
    plain = on_paper.removesuffix("\n")
    dim = f"\x1b[2m{TIME}\x1b[0m{plain.removeprefix(TIME)}\n"
    assert on_screen == (f"{colour}{plain}\x1b[0m\n" if colour else dim)


def test_json_has_no_colour_even_there() -> None:
    assert logged(Terminal(), "nothing", form="json").startswith(
        '{"time":"1970-01-01T00:00:00.250000Z","sandbox":"mine",'
    )
