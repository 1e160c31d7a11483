"""A template raises for what it cannot hold, and is never filled in wrongly."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.kit import Call, Endpoint, JSONObject, NotCacheableError, PlaceholderIds, track_reads

IDS = PlaceholderIds(seed=0, scenario="s", stub="t", call=0)
BODY: JSONObject = {"model": "m", "messages": []}


def call(read: set[str]) -> Call:
    return track_reads(Call(endpoint=Endpoint.CHAT, body=BODY), read)


def test_members_that_are_read_are_tracked() -> None:
    read: set[str] = set()
    body = call(read).body
    assert body["model"] == "m"
    assert body.get("stream") is None
    assert "tools" not in body
    assert read == {"model", "stream", "tools"}


@pytest.mark.parametrize(
    "ask",
    [
        lambda: IDS.text("padding", 3), lambda: IDS.number("jitter/0", 10), lambda: call(set()).conversation,
        lambda: list(call(set()).body), lambda: len(call(set()).body),
    ],
)  # fmt: skip
def test_a_value_without_a_placeholder_is_not_cacheable(ask: Callable[[], object]) -> None:
    with pytest.raises(NotCacheableError):
        ask()
