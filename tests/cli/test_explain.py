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


def test_a_stub_is_explained_for_every_way_to_request_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SCENARIOS)
    result = run("explain", "plain.yaml")
    assert (result.status, result.err) == (0, "")
    titles = [line for line in result.out.splitlines() if line and not line.startswith(" ")]
    where = 'plain.yaml:4:5 "greets"'
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
    result = run("explain", SCENARIOS / "truncated-chat.yaml", "--on", "chat", "--stream")
    assert labels(result.out) == ["head", "role", *(f"text.delta[{n}]" for n in range(5)), "last-chunk", "finish"]


def test_waits_are_printed_with_their_time(run: Run, write: Write) -> None:
    reply = "{output: [{text: one two}], pace: {first: 100ms, gap: 20ms}}"
    result = run("explain", write("paced.yaml", f"stubs: [{{on: chat, reply: {reply}}}]"), "--stream")
    times = [line.split()[0] for line in result.out.splitlines() if line.startswith(" ")]
    assert times == ["0", "100", "120", "140", "160", "180", "180", "180"]


def test_one_stub_of_many_is_explained_alone(run: Run) -> None:
    result = run("explain", f"{SCENARIOS / 'tool-round-trip.yaml'}:tells the weather")
    titles = [line for line in result.out.splitlines() if line and not line.startswith(" ")]
    assert titles
    assert all('"tells the weather"' in title for title in titles)


def test_every_reply_of_a_sequence_is_explained(run: Run) -> None:
    result = run("explain", SCENARIOS / "rate-limit.yaml", "--on", "chat")
    assert result.out.count("reply 1 of 2") == result.out.count("reply 2 of 2") == 2
    assert "HTTP/1.1 429 Too Many Requests" in result.out


def test_a_wrong_name_is_reported_with_the_nearest(run: Run) -> None:
    result = run("explain", f"{SCENARIOS / 'plain.yaml'}:greet")
    assert (result.status, result.out) == (2, "")
    assert "no stub 'greet'; did you mean 'greets'?" in result.err


def test_a_bad_scenario_is_reported_as_by_check(run: Run, write: Write) -> None:
    path = write("bad.yaml", "stubs: [{replay: hi}]")
    explained, checked = run("explain", path), run("check", path)
    assert explained == checked
    assert explained.status == 1


def test_the_same_output_is_printed_twice(run: Run) -> None:
    first, second = (run("explain", SCENARIOS / "stall.yaml") for _ in range(2))
    assert first == second
    assert "stall" in labels(first.out)
