"""Generated values follow from the inputs, in every process alike, and have fixed widths."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import EPOCH, IdGenerator

IDS = IdGenerator(seed=0, scenario="weather", stub="asks", call=0)
WIDTHS = {"resp_": 50, "req_": 32, "chatcmpl-": 29, "call_": 24, "msg_": 50, "fc_": 50, "tomorrow_": 50}
GENERATORS = st.builds(
    IdGenerator,
    seed=st.integers(-(2**70), 2**70),
    scenario=st.text(st.characters(codec=None)),
    stub=st.text(),
    call=st.integers(0, 10**6),
)
VALUES = [IDS.id(prefix) for prefix in WIDTHS] + [IDS.text("pad", 100), str(IDS.number("n", 10**9))]


@pytest.mark.parametrize(("prefix", "width"), WIDTHS.items())
@given(ids=GENERATORS, ordinal=st.integers(0, 99))
def test_ids_have_a_fixed_width(ids: IdGenerator, ordinal: int, prefix: str, width: int) -> None:
    value = ids.id(prefix, ordinal)
    assert value.startswith(prefix)
    rest = value.removeprefix(prefix)
    assert len(rest) == width
    assert rest.isascii()
    assert rest.isalnum()


@given(ids=GENERATORS, below=st.integers(1, 10**12))
def test_numbers_stay_below_their_bound(ids: IdGenerator, below: int) -> None:
    assert 0 <= ids.number("n", below) < below


@given(ids=GENERATORS, length=st.integers(0, 200))
def test_texts_have_the_length_asked_for(ids: IdGenerator, length: int) -> None:
    text = ids.text("pad", length)
    assert len(text) == length
    assert text == "" or text.isalnum()


@pytest.mark.parametrize(
    "other", [{"seed": 1}, {"scenario": "other"}, {"stub": "other"}, {"call": 1}], ids=lambda other: next(iter(other))
)
def test_any_other_input_changes_the_values(other: dict[str, object]) -> None:
    changed = replace(IDS, **other)  # type: ignore[arg-type]
    assert {IDS.id(prefix) for prefix in WIDTHS}.isdisjoint(changed.id(one) for one in WIDTHS)
    assert IDS.number("n", 10**9) != changed.number("n", 10**9)


def test_ordinals_and_purposes_give_different_values() -> None:
    ids = [IDS.id(prefix, ordinal) for prefix in WIDTHS for ordinal in range(50)]
    assert len(set(ids)) == len(ids)
    assert IDS.text("a", 40) != IDS.text("b", 40)
    assert len({one.split("_")[-1] for one in ids}) == len(ids)


def test_created_counts_the_calls() -> None:
    assert [replace(IDS, call=call).created for call in (0, 7)] == [EPOCH, EPOCH + 7]
    assert EPOCH == 1_767_225_600


@pytest.mark.parametrize("hash_seed", ["0", "1", "random"])
def test_every_process_generates_the_same_values(hash_seed: str) -> None:
    program = (
        "from mockserver.model.ids import IdGenerator\n"
        "m = IdGenerator(seed=0, scenario='weather', stub='asks', call=0)\n"
        f"print(*[m.id(p) for p in {list(WIDTHS)!r}], m.text('pad', 100), m.number('n', 10**9))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout.split() == VALUES


def test_the_values_do_not_change_between_releases() -> None:
    assert IDS.id("call_") == "call_buYtJZyuwZndnXANVmZmRIOG"
    assert IDS.id("req_") == "req_915befe6b6ccf902755267a8707180a7"
    assert IDS.number("processing_ms", 400) == 94
