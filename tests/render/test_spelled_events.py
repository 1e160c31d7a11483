"""Events that a scenario spells: sent as they are, judged and named by what they say, changed by faults."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.errors import ScenarioError
from tests.kit import Dialects, IdGenerator, RenderContext, compose, load_value, sample_calls

DIALECTS = Dialects()
CHUNK = '{"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [%s]}'
FIRST = CHUNK % '{"index": 0, "delta": {"role": "assistant", "content": "Hi"}, "finish_reason": null}'
LAST = CHUNK % '{"index": 0, "delta": {}, "finish_reason": "stop"}'
EVENTS = [f": c\r\n\r\nid: 7\r\ndata: {FIRST}\r\n\r\n", f"data:{LAST}\n\n", "data: [DONE]\n\n: {{bye}}\n\n"]


def sent(**reply: Any) -> str:
    stub = {"on": "chat", "when": {"stream": True}, "reply": {"events": [{"sse": one} for one in EVENTS]} | reply}
    scenario = load_value({"stubs": [stub]}, "x", DIALECTS)
    [loaded], dialect = scenario.stubs, scenario.dialect
    route = dialect.route(loaded.on[0])
    assert route is not None
    call = next(one for one in sample_calls(route, route.shape) if one.stream)
    context = RenderContext(call=call, dialect=dialect, ids=IdGenerator(seed=0, scenario="x", stub="y", call=0))
    body = compose(loaded.replies[0], context, route.shape).script.wire.partition(b"\r\n\r\n")[2].decode()
    return "".join(part.partition("\r\n")[2] for part in body.split("\r\n0\r\n")[0].split("\x00"))


def test_a_spelled_event_is_sent_as_it_is() -> None:
    assert sent().startswith(EVENTS[0])


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ([{"rewrite": {"event": "text.delta[0]", "set": {"id": "d"}}}], 'data: {"id":"d","object"'),
        ([{"garble": {"json": "text.delta[0]"}}], '"created":1,"model":"m","choices":[{"index":0,'),
        ([{"framing": {"newline": "cr"}}], 'data: {"id":"c"'),
    ],
)
def test_a_fault_respells_it(faults: Any, expected: str) -> None:
    found = sent(faults=faults)
    assert expected in found
    assert ": c\r\n" not in found


def test_it_is_validated_by_what_it_says() -> None:
    with pytest.raises(ScenarioError, match=r"chat\.done\.missing"):
        sent(events=[{"sse": one} for one in EVENTS[:2]])
    with pytest.raises(ScenarioError, match=r"chat\.event\.json"):
        sent(events=[{"sse": ": nothing\n\n"}, *({"sse": one} for one in EVENTS)])
