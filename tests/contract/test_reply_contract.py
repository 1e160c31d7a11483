"""A reply contract from data: what is laid over a base, and how errors name their key."""

from __future__ import annotations

import pytest

from tests.kit import JSON, OPENAI, ChatOptions, EmptyChunks, ReplyContract, Requirement, ResponsesOptions, UsagePlace

TYPES = "any, null, boolean, integer, count, number, string, id, object, list, =text, #values, @kind, [type]"


def test_no_data_changes_nothing() -> None:
    assert ReplyContract.from_data({}, OPENAI) == OPENAI


def test_a_kind_is_laid_over_its_base() -> None:
    contract = ReplyContract.from_data(
        {"kinds": {"error": {"required": {"hint": "string"}, "optional": {"param": "any"}}}}, OPENAI
    )
    table = contract.tables.kinds["error"].table
    assert {name: str(member.need) for name, member in table.items()} == {
        "message": "required", "type": "required", "param": "optional", "code": "required",
        "misalignment": "optional", "hint": "required",
    }  # fmt: skip


def test_a_kind_alone_forgets_its_base_and_stays_as_open() -> None:
    data: dict[str, JSON] = {"error": {"only": True, "closed": True, "required": {"message": "string"}}}
    closed = ReplyContract.from_data({"kinds": data}, OPENAI)
    assert list(closed.tables.kinds["error"].table) == ["message"]
    assert closed.tables.kinds["error"].closed
    again = ReplyContract.from_data({"kinds": {"error": {"absent": ["message"]}}}, closed)
    assert again.tables.kinds["error"].closed
    opened = ReplyContract.from_data({"kinds": {"error": {"closed": False}}}, closed)
    assert not opened.tables.kinds["error"].closed


def test_options_and_ignored_rules_are_laid_over_too() -> None:
    data: dict[str, JSON] = {
        "responses": {"done": "required", "overlap": ["message"], "extra_events": ["ping"]},
        "chat": {"usage_on": ["own", "finish"], "tools_from": 1, "empty_chunks": "first"},
        "forgives": ["chat.id.same"],
    }
    contract = ReplyContract.from_data(data, ReplyContract.from_data({"forgives": ["sse.bom"]}, OPENAI))
    assert contract.responses == ResponsesOptions(
        done=Requirement.REQUIRED,
        event_lines=Requirement.REQUIRED,
        sequence=Requirement.OPTIONAL,
        overlap=frozenset({"message"}),
        extra_events=frozenset({"ping"}),
    )
    assert contract.chat == ChatOptions(
        done=Requirement.REQUIRED,
        event_lines=Requirement.FORBIDDEN,
        usage_on=frozenset({UsagePlace.OWN, UsagePlace.FINISH}),
        usage_null=Requirement.REQUIRED,
        role_again=Requirement.FORBIDDEN,
        tool_identity=Requirement.FORBIDDEN,
        tools_from=1,
        empty_chunks=EmptyChunks.FIRST,
    )
    assert contract.ignored_rules == {"sse.bom", "chat.id.same"}


@pytest.mark.parametrize(
    ("data", "error_text"),
    [
        ({"kind": {}}, "kind: unknown key; did you mean 'kinds'?"),
        ({"zzz": {}}, "zzz: unknown key; known are chat, forgives, kinds, responses, values"),
        ({"kinds": []}, "kinds: expected a mapping, got a list of 0"),
        ({"kinds": {"error": 1}}, "kinds.error: expected a mapping, got 1"),
        ({"kinds": {"error": {"requires": {}}}}, "kinds.error.requires: unknown key; did you mean 'required'?"),
        ({"kinds": {"error": {"only": 1}}}, "kinds.error.only: expected true or false, got 1"),
        ({"kinds": {"error": {"required": {"code": 1}}}},
            "kinds.error.required.code: expected a type, written as a string, got 1"),
        ({"kinds": {"error": {"required": {"code": "texts"}}}},
            f"kinds.error.required.code: 'texts' is not a type; known are {TYPES}"),
        ({"kinds": {"error": {"optional": {"code": "@nothing"}}}}, "kinds.error.code: kind 'nothing' is not defined"),
        ({"kinds": {"error": {"final": {"code": "[@nothing.*]|null"}}}},
            "kinds.error.code: family 'nothing' is not defined"),
        ({"kinds": {"error": {"required": {"code": "#nothing"}}}},
            "kinds.error.code: list of values 'nothing' is not defined"),
        ({"kinds": {"error": {"absent": {}}}}, "kinds.error.absent: expected a list, got an object of 0 members"),
        ({"values": {"reason.finish": ["stop", 7]}}, "values.reason.finish[1]: expected a string, got 7"),
        ({"forgives": ["chat.mood"]}, "forgives: no rule 'chat.mood'"),
        ({"responses": {"done": "never"}},
            "responses.done: expected one of forbidden, optional, required, got 'never'"),
        ({"responses": {"dones": "never"}}, "responses.dones: unknown key; did you mean 'done'?"),
        ({"chat": {"usage_on": ["own", "late"]}}, "chat.usage_on[1]: expected one of own, finish, every, got 'late'"),
        ({"chat": {"tools_from": -1}}, "chat.tools_from: expected an integer from 0, got -1"),
        ({"chat": {"tools_from": True}}, "chat.tools_from: expected an integer from 0, got true"),
    ],
)  # fmt: skip
def test_wrong_data_is_an_error_that_names_its_key(data: dict[str, JSON], error_text: str) -> None:
    with pytest.raises(ValueError) as caught:
        ReplyContract.from_data(data, OPENAI)
    assert str(caught.value) == error_text
