"""The clock of a sandbox: virtual and the same in every run, or real."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest

from mockserver.errors import UsageError
from tests.kit import EPOCH, Clock, Request, Settings, journal_text, read_settings
from tests.server.sandboxed import CHAT, Played

TIMES = """
stubs:
  - name: limited
    when: {user: wait}
    reply:
      error:
        name: rate_limited
        fields: {resets_at: "{{now + 30s | unix}}", resets_in_seconds: "{{now + 30s | seconds}}"}
      headers: {retry-after: "{{now + 30s | http_date}}"}
  - name: slow
    when: {user: slow}
    reply: {output: [{text: a b}], pace: {first: 1500ms, gap: 250ms}}
  - name: plain
    reply: "{{now}}"
  - {name: also plain, on: responses, priority: 1, reply: hi}
"""


def created(played: Played, user: str = "hello") -> int:
    return int(played.ask(user=user).json["created"])


def test_the_clock_goes_on_with_calls_and_scripted_waits_alone() -> None:
    played = Played(TIMES)
    assert [created(played) for _ in range(2)] == [EPOCH, EPOCH + 1]
    played.send("GET", "/v1/models")
    assert created(played, "slow") == EPOCH + 2
    # A second for the call, and its 1.5 s.
    assert created(played) == EPOCH + 4
    played.ask(user="slow", stream=True)
    assert played.ask().said == "2026-01-01T00:00:09.000Z"
    played.sandbox.reset()
    assert played.ask().said == "2026-01-01T00:00:00.000Z"


def test_templates_of_replies_follow_the_clock() -> None:
    played = Played(TIMES)
    found = []
    for number in range(6):
        played.sandbox.clock.advance(100.5 if number == 3 else 0)
        found.append(played.ask("/v1/responses").json["created_at"] - EPOCH)
    assert found == [0, 1, 2, 103, 104, 105]


def test_a_date_lies_ahead_of_the_clock() -> None:
    played = Played(TIMES, clock="2026-11-27T12:00:00+01:00")
    played.sandbox.clock.advance(60)
    limited = played.ask(user="wait")
    assert limited.headers["retry-after"] == "Fri, 27 Nov 2026 11:01:30 GMT"
    error = limited.json["error"]
    resets = int(parsedate_to_datetime(limited.headers["retry-after"]).timestamp())
    assert (error["resets_at"], error["resets_in_seconds"]) == (resets, 30)


def test_a_real_clock_is_read_with_every_request_and_marked() -> None:
    played = Played(TIMES, clock="real")
    request = Request(method="POST", target=CHAT, path=CHAT, headers=(("authorization", "Bearer x"),), body=b"{}")
    for unix_s in (1_790_000_000.75, 1_790_000_500.0):
        record, decision = played.sandbox.exchange(request, now_s=0.0, unix_s=unix_s)
        assert (record.clock_s, record.reproducible, decision.status) == (unix_s, False, 400)
    assert "not reproducible" in journal_text(played.sandbox.journal.entries)
    with pytest.raises(UsageError, match="real; only a virtual one is advanced"):
        played.sandbox.clock.advance(1)


@pytest.mark.parametrize(
    "time", ["2026-10-25T00:59:30Z", 1_792_889_970, 1_792_889_970.0, "1792889970", "2026-10-25T02:59:30+02:00"]
)
def test_a_start_is_a_time_with_its_zone_or_unix_seconds(time: object) -> None:
    assert Clock(read_settings({"clock": time}, Settings()).clock).epoch == 1_792_889_970


@pytest.mark.parametrize(
    "time",
    [
        "",
        "now",
        "2026-10-25",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-10-25T00:59:30",
        "1999-01-01T00:00:00Z",
        "9999-01-01T00:00:00Z",
        -1,
        True,
        1.5,
    ],
)
def test_anything_else_is_no_clock(time: object) -> None:
    with pytest.raises(UsageError, match="expected virtual, real, or a time from 2005 to 2254 such as 2026-10-25T00"):
        read_settings({"clock": time}, Settings())


def test_a_clock_goes_no_further_than_ten_digits() -> None:
    clock = Clock("8999999990")
    clock.elapse(1e9)
    assert clock.epoch == 8_999_999_999
    with pytest.raises(UsageError, match="no further than the year 2254"):
        clock.advance(1)
