"""Scenarios spoilt at random: good ones with a few values replaced, removed, renamed or added."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from pathlib import Path

from hypothesis import strategies as st

from tests.kit import JSON, JSONObject, read_format, read_yaml
from tests.kit import files_shipped as shipped

EVERYTHING = read_yaml((Path(__file__).parent / "everything.yaml").read_bytes(), "e.yaml").value
SCENARIOS = sorted(Path(shipped()).rglob("*.yaml"))


def alone() -> list[JSON]:
    """Everything, a stub at a time and an item at a time, so that one flaw hides nothing else."""
    assert isinstance(EVERYTHING, dict)
    stubs = EVERYTHING["stubs"]
    assert isinstance(stubs, list)
    found: list[JSON] = [{"stubs": [stub]} for stub in stubs]
    found += [{"stubs": [stub], "defaults": EVERYTHING["defaults"]} for stub in stubs]
    items = stubs[1]["reply"]["output"]  # type: ignore[index, call-overload]
    found += [{"stubs": [{"reply": {"output": [item]}}]} for item in items]  # type: ignore[union-attr]
    return copy.deepcopy(found)


def properties(schema: JSONObject) -> JSONObject:
    found = schema.get("properties")
    return found if isinstance(found, dict) else {}


def schemas(schema: JSON, path: str = "#") -> Iterator[tuple[str, JSONObject]]:
    """Every schema within a schema, with the path to it."""
    if not isinstance(schema, dict):
        return
    yield path, schema
    for keyword in ("properties", "$defs"):
        inner = schema.get(keyword)
        for name, one in inner.items() if isinstance(inner, dict) else ():
            yield from schemas(one, f"{path}/{keyword}/{name}")
    for keyword in ("anyOf", "oneOf"):
        branches = schema.get(keyword)
        for index, one in enumerate(branches if isinstance(branches, list) else []):
            yield from schemas(one, f"{path}/{keyword}/{index}")
    for keyword in ("items", "additionalProperties"):
        yield from schemas(schema.get(keyword), f"{path}/{keyword}")


ALL = dict(schemas(read_format()))
NAMES = sorted({name for schema in ALL.values() for name in properties(schema)} | {"nonsense"})
SMALL: st.SearchStrategy[JSON] = st.sampled_from(
    [
        *(None, True, False, 0, 1, -1, 1.0, 1.5, 200, 1e300, 10**400),
        *("", "a", "chat", "word", "200ms", "1..", "..", "true", "a\n", "[DONE]", "\ud800", "é😀"),
        *([], {}, ["a"], [1], [{}], {"a": 1}, {"text": "a"}, {"equals": "a"}, {"reply": "a"}),
        *({"error": "x", "call": "y"}, {"base64": ""}, [["a"]], ["chat", "chat"], {"type": "a"}),
        *({"type": "response.created"}, {"choices": [{"delta": {"tool_calls": [3]}}]}),
        *([{"omit": "terminator"}], [{"garble": {"utf8": "text.delta[0]"}}], {"cut": {"after": 1}}),
        *({"type": "message", "content": [{"type": "output_text", "text": 3}]}, {"type": 3}),
        *({"type": "mcp_call", "arguments": 3}, {"type": "shell_call", "action": {"commands": 3}}),
    ]
)


# Each time anew, since what is put in may be spoilt in turn.
SMALL = SMALL.map(copy.deepcopy)


def holders(value: JSON) -> Iterator[JSON]:
    """Every mapping and list in a value."""
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from holders(inner)


def _spoil(draw: st.DrawFn, holder: JSON) -> None:
    act = draw(st.sampled_from(["replace", "remove", "rename", "add"]))
    if isinstance(holder, dict):
        keys = sorted(holder) or NAMES
        key = draw(st.sampled_from(keys))
        if act == "remove":
            holder.pop(key, None)
        elif act == "rename":
            holder[draw(st.sampled_from(NAMES))] = holder.pop(key, None)
        else:
            holder[key if act == "replace" else draw(st.sampled_from(NAMES))] = draw(SMALL)
    elif isinstance(holder, list):
        place = draw(st.integers(0, len(holder)))
        holder[place : place + 1] = [] if act == "remove" else [draw(SMALL)]


@st.composite
def mutated(draw: st.DrawFn, originals: Sequence[JSON]) -> JSON:
    """One of the originals, changed in one to three places."""
    value: JSON = copy.deepcopy(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 3))):
        found = list(holders(value))
        _spoil(draw, found[draw(st.integers(0, len(found) - 1))])
    return value
