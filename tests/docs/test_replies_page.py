"""The page of replies: every example loads, and answers by its contract."""

from __future__ import annotations

import re
from http.client import IncompleteRead
from pathlib import Path
from typing import Any

import pytest

from tests.kit import Endpoint, read_format
from tests.kit import judge_judge as judge
from tests.server.sandboxed import CHAT, COMPACT, RESPONSES, Played

PAGE = (Path(__file__).parents[2] / "docs" / "replies.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r'```yaml title="([\w-]+)\.yaml"\n(.*?)```', PAGE, re.DOTALL))
PATHS = {Endpoint.CHAT: CHAT, Endpoint.RESPONSES: RESPONSES, Endpoint.COMPACT: COMPACT}
_CALL = {"type": "function_call", "call_id": "c", "name": "get_weather", "arguments": "{}"}
# What a coding agent sends to have its conversation compacted, and what a tool answered.
_SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
TRIGGER: dict[str, dict[str, Any]] = {
    "trigger": {"input": [{"type": "compaction_trigger"}]},
    "degrees": {"input": [_CALL, {"type": "function_call_output", "call_id": "c", "output": "18 degrees"}]},
    "function": {"tools": [{"type": "function", "name": "look", "parameters": _SCHEMA, "strict": False}]},
    "format": {"text": {"format": {"type": "json_schema", "name": "data", "schema": _SCHEMA, "strict": False}}},
}
ASKED = b'{"model": "m", "messages": [{"role": "user", "content": "hi"}]}'
# What reads as broken on purpose.
BROKEN = {
    "a page instead of a stream",
    "an unknown event type",
    "just ends",
    "no content at all",
    "a comment and an id",
}


def test_every_item_has_an_example() -> None:
    definitions = read_format()["$defs"]
    assert isinstance(definitions, dict)
    items = [name.removesuffix("_item") for name in definitions if name.endswith("_item")]
    kinds = {"wire": "item"}
    missing = [
        kind
        for kind in (kinds.get(one, one) for one in items)
        if not re.search(rf"[-{{] ?{kind}:", "".join(EXAMPLES.values()))
    ]
    assert missing == []


def test_the_paths_of_the_page_are_answered() -> None:
    [text] = re.findall(r"```yaml\n# paths.yaml.*?\n(.*?)```", PAGE, re.DOTALL)
    played = Played(text)
    embeddings = played.post("/v1/embeddings", b'{"model": "text-embedding-3-small", "input": "hi"}')
    assert embeddings.json["model"] == "text-embedding-3-small"
    with pytest.raises(IncompleteRead) as caught:
        played.send("GET", "/v1/files/file-1/content")
    assert caught.value.partial == b"content o"
    assert [played.send("GET", "/v1/models").status for _ in range(2)] == [503, 200]
    assert played.post("/compatible-mode/v1/chat/completions", ASKED).said == "The tide is high."


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_answers_by_its_contract(name: str) -> None:
    played = Played(EXAMPLES[name])
    asked: set[str] = set()
    # Something to say for each condition on what a user says, and something for none.
    expected = re.findall(r"contains: (\w+)", EXAMPLES[name])
    for word in (*expected, *TRIGGER, "my name is Ada", "anything"):
        for path in PATHS.values():
            for stream in (False, True):
                quoted: dict[str, Any] = {} if path == COMPACT else {"metadata": {"run": "7"}}
                found = played.ask(path, word, stream=stream, **quoted, **TRIGGER.get(word, {}))
                stub = getattr(getattr(found.entry.choice, "stub", None), "name", None)
                if stub is None:
                    continue
                asked.add(stub)
                assert judge(found.wire).good or stub in BROKEN, (stub, path, stream)
    [scenario] = played.sandbox.stubs.scenarios
    assert {one.name for one in scenario.stubs} - asked == set()
