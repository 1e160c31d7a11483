"""`mockserver explain`: what goes over the wire and when, without a port."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import SCENARIOS, Run

Write = Callable[[str, str], Path]


def labels(out: str) -> list[str]:
    """The second column of the timelines."""
    rows = [line.split() for line in out.splitlines() if line.startswith(" ")]
    return [row[2] for row in rows]


def test_a_stub_is_told_in_every_way_it_can_be_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(SCENARIOS)
    told = run("explain", "plain.yaml")
    assert (told.status, told.err) == (0, "")
    titles = [line for line in told.out.splitlines() if line and not line.startswith(" ")]
    where = 'plain.yaml:3:5 "greets"'
    assert titles == [
        f"{where} on {endpoint} as {shape}, {way}"
        for endpoint, shape in (
            ("chat", "chat"),
            ("responses", "responses"),
            ("compact", "compaction"),
            ("compact", "chat"),
        )
        for way in ("non-streaming", "streaming")
    ]


def test_one_endpoint_and_streams_only(run: Run) -> None:
    told = run("explain", SCENARIOS / "truncated-chat.yaml", "--on", "chat", "--stream")
    assert labels(told.out) == [
        "head",
        "role",
        *(f"text.delta[{n}]" for n in range(5)),
        "last-chunk",
        "finish",
    ]


def test_waits_are_told_with_their_time(run: Run, write: Write) -> None:
    reply = "{output: [{text: one two}], pace: {first: 100ms, gap: 20ms}}"
    told = run("explain", write("paced.yaml", f"stubs: [{{on: chat, reply: {reply}}}]"), "--stream")
    times = [line.split()[0] for line in told.out.splitlines() if line.startswith(" ")]
    assert times == ["0", "100", "120", "140", "160", "180", "180", "180"]


def test_one_stub_of_many_is_told_alone(run: Run) -> None:
    told = run("explain", f"{SCENARIOS / 'tool-round-trip.yaml'}:tells the weather")
    titles = [line for line in told.out.splitlines() if line and not line.startswith(" ")]
    assert titles
    assert all('"tells the weather"' in title for title in titles)


def test_every_reply_of_a_sequence_is_told(run: Run) -> None:
    told = run("explain", SCENARIOS / "rate-limit.yaml", "--on", "chat")
    assert told.out.count("reply 1 of 2") == told.out.count("reply 2 of 2") == 2
    assert "HTTP/1.1 429 Too Many Requests" in told.out


def test_a_wrong_name_is_told_with_the_nearest(run: Run) -> None:
    told = run("explain", f"{SCENARIOS / 'plain.yaml'}:greet")
    assert (told.status, told.out) == (2, "")
    assert "no stub 'greet'; did you mean 'greets'?" in told.err


def test_a_bad_scenario_is_told_as_check_tells_it(run: Run, write: Write) -> None:
    path = write("bad.yaml", "stubs: [{replay: hi}]")
    explained, checked = run("explain", path), run("check", path)
    assert explained == checked
    assert explained.status == 1


def test_the_same_is_told_twice(run: Run) -> None:
    first, second = (run("explain", SCENARIOS / "stall.yaml") for _ in range(2))
    assert first == second
    assert "stall" in labels(first.out)
