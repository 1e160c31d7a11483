"""The comparison finds what one side lacks, in fake packages and in the pinned one."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from contract_diff.accepted import read_accepted, review
from contract_diff.compare import Difference, compare
from contract_diff.contract import read_contract
from contract_diff.declared import ANYTHING, TEXT, Declared, Holds
from contract_diff.packages import read_packages, read_python
from contract_diff.typescript import UnreadableTypesError, read_package
from tests.contract_diff.fake_packages import NPM, PYTHON, environment, write

BOTH = ("PyPI 9.9", "npm 9.9")


def kinds(*names: str, tagged: bool = False) -> Holds:
    return Holds(objects=frozenset(names), tagged=tagged)


def values(*words: str) -> Holds:
    return Holds(values=frozenset(words))


DELTA, COMPLETED = "event.response.output_text.delta", "event.response.completed"
CONTRACT = Declared(
    name="the contract of 2099-01",
    objects={
        "chat body": {"model": TEXT, "verbosity": values("low", "high"), "stream": Holds()},
        "completion": {"id": TEXT, "choices": Holds(element=kinds("choice"))},
        "choice": {"message": kinds("message")},
        "message": {"content": TEXT},
        "chunk": {"id": TEXT},
        "responses body": {"model": TEXT, "store": Holds()},
        "response": {"id": TEXT, "metadata": ANYTHING},
        DELTA: {"type": values("response.output_text.delta"), "delta": TEXT},
        COMPLETED: {"type": values("response.completed"), "response": kinds("response")},
        "compact body": {"model": TEXT},
        "compaction": {"id": TEXT},
    },
    roots={
        "chat.request": kinds("chat body"),
        "chat.reply": kinds("completion"),
        "chat.chunk": kinds("chunk"),
        "responses.request": kinds("responses body"),
        "responses.reply": kinds("response"),
        "responses.event": kinds(DELTA, COMPLETED, tagged=True),
        "compact.request": kinds("compact body"),
        "compact.reply": kinds("compaction"),
    },
)


def found(
    tmp_path: Path, python: dict[str, str], npm: dict[str, str], contract: Declared = CONTRACT
) -> list[Difference]:
    return compare(contract, read_packages(environment(tmp_path, python, npm)))


def test_equal_sides_have_no_difference(tmp_path: Path) -> None:
    assert found(tmp_path, PYTHON, NPM) == []


CHAT_PY, CHAT_TS = "openai/types/chat/completion_create_params.py", "resources/chat/completions/completions.d.ts"
REPLIES_PY, RESPONSES_TS = "openai/types/responses/__init__.py", "resources/responses/responses.d.ts"

# What is replaced in the Python package or in the npm package, and what only that one then has.
PLANTED = [
    ("chat/__init__.py", "content: Optional[str]", "content: Optional[str]\n    mood: str", "member message.mood"),
    ("completions.d.ts", "content: string | null;", "content: string | null; mood?: string;", "member message.mood"),
    ("params.py", '"low", "high"', '"low", "high", "top"', "value chat body.verbosity 'top'"),
    ("values.d.ts", "'low'", "'low' | 'top'", "value chat body.verbosity 'top'"),
    (
        "responses/__init__.py",
        "[TextDelta, Completed]",
        "[TextDelta, Completed, Added]",
        "type responses event 'added'",
    ),
    ("responses.d.ts", "= TextDelta |", "= TextDelta | Added |", "type responses event 'added'"),
    ("completions.d.ts", "content: string | null;", "content: string | Array<string>;", "form message.content list"),
    ("completions.d.ts", "content: string | null;", "content: Choice | null;", "form message.content object"),
    ("completions.d.ts", "model: (string & {})", "model: { name: string }", "form chat body.model object"),
    (
        "responses.d.ts",
        "metadata: { [key: string]: string }",
        "metadata: CompactedResponse",
        "members response.metadata",
    ),
    ("responses.d.ts", "id: string;", "id: 'a' | 'b';", "values response.id"),
]
ADDED_PY = 'class Added(TypedDict):\n    type: Literal["added"]\nResponseStreamEvent'
ADDED_TS = "export interface Added { type: 'added' }\nexport type ResponseStreamEvent"


@pytest.mark.parametrize(("file", "old", "new", "what"), PLANTED, ids=lambda value: str(value)[:30])
def test_what_a_package_alone_has_is_found(file: str, old: str, new: str, what: str, tmp_path: Path) -> None:
    python, npm = dict(PYTHON), dict(NPM)
    files = python if file.endswith(".py") else npm
    if "Added" in new:
        files |= (
            {REPLIES_PY: PYTHON[REPLIES_PY].replace("ResponseStreamEvent", ADDED_PY)}
            if files is python
            else {RESPONSES_TS: NPM[RESPONSES_TS].replace("export type ResponseStreamEvent", ADDED_TS)}
        )
    name = next(one for one in files if one.endswith(file) and old in files[one])
    files[name] = files[name].replace(old, new, 1)
    seen_in = ("PyPI 9.9",) if files is python else ("npm 9.9",)
    assert Difference("packages", what, seen_in) in found(tmp_path, python, npm)


UNKNOWN = [
    ({"message": {**CONTRACT.objects["message"], "mood": TEXT}}, "member message.mood"),
    ({"chat body": {**CONTRACT.objects["chat body"], "verbosity": values("low", "high", "top")}},
     "value chat body.verbosity 'top'"),
    ({"message": {"content": Holds(text=True, element=TEXT)}}, "form message.content list"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "what"), UNKNOWN, ids=lambda value: str(value)[:30])
def test_what_the_contract_alone_has_is_found(changed: dict[str, dict[str, Holds]], what: str, tmp_path: Path) -> None:
    contract = replace(CONTRACT, objects={**CONTRACT.objects, **changed})
    assert found(tmp_path, PYTHON, NPM, contract) == [Difference("contract", what, BOTH)]


def test_an_event_of_the_contract_alone_is_found(tmp_path: Path) -> None:
    contract = replace(
        CONTRACT,
        objects={**CONTRACT.objects, "event.keepalive": {"type": values("keepalive")}},
        roots={**CONTRACT.roots, "responses.event": kinds(DELTA, COMPLETED, "event.keepalive", tagged=True)},
    )
    expected = [Difference("contract", "type responses event 'keepalive'", BOTH)]
    assert found(tmp_path, PYTHON, NPM, contract) == expected


def test_what_one_package_has_is_not_of_the_contract_alone(tmp_path: Path) -> None:
    npm = {**NPM, CHAT_TS: NPM[CHAT_TS].replace("content: string | null;", "")}
    assert found(tmp_path, PYTHON, npm) == []


def test_an_object_without_a_type_among_tagged_ones_is_found(tmp_path: Path) -> None:
    npm = {**NPM, RESPONSES_TS: NPM[RESPONSES_TS].replace("type: 'response.completed';", "")}
    assert found(tmp_path, PYTHON, npm) == [
        Difference("packages", "type responses event '(of Completed, which has none)'", ("npm 9.9",))
    ]


UNREADABLE = [
    ("type ResponseStreamEvent = TextDelta", "type ResponseStreamEvent = Nowhere", "Nowhere is not declared"),
    ("export interface CompactedResponse", "export interface Compacted", "declares no CompactedResponse"),
    ("delta: string;", "delta: ;", "';' is not a type"),
    ("delta: string;", "delta string;", "expected ':', got 'string'"),
    ("export interface CompactedResponse", "} export interface CompactedResponse", "'}' begins no declaration"),
    ("export interface CompactedResponse", "export namespace A { interface CompactedResponse", "does not end"),
    ('import * as ResponsesAPI from "./responses.js";', "export declare class A { a(b: {", "the file ends"),
    ("delta: string;", "delta: [string", "the file ends"),
]


@pytest.mark.parametrize(("old", "new", "message"), UNREADABLE)
def test_declarations_that_are_not_understood_are_an_error(old: str, new: str, message: str, tmp_path: Path) -> None:
    npm = {**NPM, RESPONSES_TS: NPM[RESPONSES_TS].replace(old, new)}
    with pytest.raises(UnreadableTypesError) as caught:
        read_package(write(tmp_path, npm), "npm")
    assert message in str(caught.value)


@pytest.fixture(scope="module")
def pinned() -> Declared:
    """The package of the developers' environment."""
    return read_python(Path(sys.executable))


def test_the_contract_knows_the_pinned_package(pinned: Declared) -> None:
    remaining = review(compare(read_contract(), [pinned]), read_accepted()).remaining
    assert [str(one) for one in remaining if one.only_in == "packages"] == []


REMOVED = [
    ("responses request body", "max_tool_calls", "member responses request body.max_tool_calls"),
    ("chat request message", "tool_call_id", "member chat request message.tool_call_id"),
    ("compact request body", "instructions", "member compact request body.instructions"),
    ("reply chat.choice", "logprobs", "member reply chat.choice.logprobs"),
    ("reply response", "tools", "member reply response.tools"),
    ("reply item.mcp_call", "approval_request_id", "member reply item.mcp_call.approval_request_id"),
    ("responses request item.shell_call", "caller", "member responses request item.shell_call.caller"),
    ("reply event.response.output_text.delta", "logprobs", "member reply event.response.output_text.delta.logprobs"),
]


@pytest.mark.parametrize(("kind", "member", "what"), REMOVED)
def test_a_member_that_the_contract_loses_is_found(kind: str, member: str, what: str, pinned: Declared) -> None:
    contract = read_contract()
    objects = {**contract.objects, kind: {n: held for n, held in contract.objects[kind].items() if n != member}}
    found = review(compare(replace(contract, objects=objects), [pinned]), read_accepted()).remaining
    assert what in [one.what for one in found if one.only_in == "packages"]


@pytest.mark.parametrize(
    ("root", "kind", "what"),
    [
        ("responses.event", "reply event.response.refusal.done", "type responses event 'response.refusal.done'"),
        ("responses.event", "reply event.error", "type responses event 'error'"),
    ],
)
def test_an_event_that_the_contract_loses_is_found(root: str, kind: str, what: str, pinned: Declared) -> None:
    contract = read_contract()
    events = replace(contract.roots[root], objects=contract.roots[root].objects - {kind})
    changed = replace(contract, roots={**contract.roots, root: events})
    assert what in [one.what for one in compare(changed, [pinned]) if one.only_in == "packages"]
