"""A short soak, and that it would notice what it looks for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest

from tests.hostile.watched import Watched
from tests.soak.plans import Ask
from tests.soak.soaking import PLANS, SCENARIO, served, soak, swollen
from tests.soak.worker import Ledger, MismatchError, Worker

if sys.platform != "linux":
    pytest.skip("what a process holds is read from Linux's /proc", allow_module_level=True)


@pytest.fixture(scope="module")
def server() -> Iterator[Watched]:
    with served() as server:
        yield server


def test_the_journal_has_what_clients_saw_and_nothing_grows(server: Watched) -> None:
    ledger = Ledger()
    stages = list(soak(server, ledger, exchanges=2500, workers=3, stages=5))
    assert ledger.exchanges >= 2500
    assert len(ledger.kinds) == len({ask.name for ask in PLANS[0]})
    assert swollen(stages) == []


@pytest.fixture
def soaking(server: Watched) -> Iterator[Worker]:
    worker = Worker(next(NUMBERS), server.port, SCENARIO.read_text("utf-8"), Ledger())
    yield worker
    worker.leave()


NUMBERS = count(900)
FIRST = next(ask for ask in PLANS[0] if ask.name == "hello" and ask.end == "fin")
WRONG: dict[str, tuple[Ask, str]] = {
    "a status": (replace(FIRST, status=201), "status in the journal: 201, but 200"),
    "an outcome": (replace(FIRST, how=("cut",)), "how: True, but False"),
    "a body": (replace(FIRST, recorded=b"x"), "body: b'x', but b'{"),
    "a reply behind which the connection lives on": (
        replace(FIRST, headers=(*FIRST.headers, b"connection: close")),
        "the connection ended",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mismatch_is_noticed(name: str, soaking: Worker) -> None:
    ask, said = WRONG[name]
    with pytest.raises(MismatchError) as caught:
        soaking.play(0, (ask, FIRST))
    assert said in str(caught.value)


def test_other_bytes_than_before_are_noticed(soaking: Worker) -> None:
    soaking.play(0, (FIRST, FIRST))
    other = next(ask for ask in PLANS[0] if ask.name == "long")
    with pytest.raises(MismatchError, match="plan 0, 0, long: other bytes"):
        soaking.play(0, (other, FIRST))
