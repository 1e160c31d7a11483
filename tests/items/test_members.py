"""Members and items that a scenario writes: what is sent, as golden text, and what the contract says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Golden
from tests.kit import OPENAI as CONTRACT
from tests.kit import Dialects, Event, Output, Shape, judge_stream, load_text, write
from tests.render.stage import dig, streamed

FILE = Path(__file__).with_name("members.yaml")
STUBS = {stub.name: stub for stub in load_text(FILE.read_text(), FILE.name, Dialects()).stubs}
# A terminal event without items is known, but not documented.
NOTICED = {"a compaction by trigger", "a compaction without items at the end"}


def events(name: str) -> tuple[Event, ...]:
    """The events of a stub without those that open every stream."""
    content = STUBS[name].replies[0].content
    assert isinstance(content, Output)
    return streamed(content, Shape.RESPONSES, model="gpt-5.4", stream_options={"include_obfuscation": False}).events


def told(name: str) -> list[str]:
    """The data of the events of items, and what the terminal event tells that those before do not."""
    _, opening, *others = (dig(event.data) for event in events(name))
    running = dig(opening, "response")
    content = STUBS[name].replies[0].content
    assert isinstance(content, Output)
    lines = []
    for data in others:
        if "response" in data:
            ended = dig(data, "response")
            shown = {n: v for n, v in ended.items() if n in content.fields or v != running.get(n)}
            data = data | {"response": shown}  # noqa: PLW2901  # the same event, shortened
        lines.append(f"  {write(data)}")
    return lines


def test_members_are_sent_as_the_api_sends_them(golden: Golden) -> None:
    lines = [line for name in STUBS for line in (name, *told(name))]
    golden("items/members.txt", "\n".join(lines))


@pytest.mark.parametrize("name", STUBS)
def test_members_keep_the_contract(name: str) -> None:
    found = judge_stream(events(name), shape=Shape.RESPONSES, contract=CONTRACT)
    assert {one.rule for one in found} == ({"responses.output.sparse"} if name in NOTICED else set())
