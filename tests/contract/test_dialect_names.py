"""The names in a dialect file that mean nothing are errors; what `members` leave out is no breach."""

from __future__ import annotations

import pytest

from tests.kit import DialectDataError, Dialects, JSONObject, Shape, build

OPENAI = Dialects().find("openai")

KINDS = (
    *("response", "response.compaction", "usage.responses", "usage.responses.input", "usage.chat"),
    *("chat.completion", "chat.choice", "chat.message", "chat.chunk", "chat.chunk.choice", "chat.delta"),
)

WRONG: dict[str, tuple[JSONObject, str, str]] = {
    "a kind of members": (
        {"members": {"chat.mesage": ["role"]}},
        "members.chat.mesage",
        "unknown kind 'chat.mesage'; did you mean 'chat.message'?",
    ),
    "a kind like no other": (
        {"members": {"zzzzz": ["role"]}},
        "members.zzzzz",
        f"unknown kind 'zzzzz'; known are {', '.join(KINDS)}, item.TYPE, part.TYPE",
    ),
    "a kind that is not sent": (
        {"members": {"event.response.created": ["type"]}},
        "members.event.response.created",
        "unknown kind 'event.response.created'; known are response, ",
    ),
    "a member": (
        {"members": {"chat.message": ["role", "contnt"]}},
        "members.chat.message[1]",
        "unknown member 'contnt'; did you mean 'content'?",
    ),
    "a type of items": (
        {"members": {"item.mesage": ["id"]}},
        "members.item.mesage",
        "unknown kind 'item.mesage'; did you mean 'item.message'?",
    ),
    "a form of items": (
        {"items": {"item.mesage": {"order": ["id"]}}},
        "items.item.mesage",
        "unknown kind 'item.mesage'; did you mean 'item.message'?",
    ),
    "a family of forms": (
        {"items": {"zzz": {"order": ["id"]}}},
        "items.zzz",
        "unknown kind 'zzz'; known are item.TYPE, part.TYPE, annotation.TYPE, action.TYPE",
    ),
    "a kind of the contract": (
        {"contract": {"kinds": {"chat.mesage": {"optional": {"x": "string"}}}}},
        "contract.kinds.chat.mesage",
        "unknown kind 'chat.mesage'; did you mean 'chat.message'?",
    ),
    "a kind that no type refers to": (
        {"contract": {"kinds": {"zzz": {"optional": {"x": "string"}}}}},
        "contract.kinds.zzz",
        "unknown kind 'zzz'; no type refers to @zzz",
    ),
    "a list of values": (
        {"contract": {"values": {"reason.finsh": ["stop"]}}},
        "contract.values.reason.finsh",
        "unknown list 'reason.finsh'; did you mean 'reason.finish'?",
    ),
    "a placeholder": (
        {"envelope": {"errors": [{"text": "$mesage"}]}},
        "envelope.errors[0].text",
        "unknown placeholder '$mesage'; did you mean '$message'?",
    ),
}


def built(data: JSONObject) -> None:
    build({"dialect": "mine", "extends": "openai", **data}, OPENAI)


@pytest.mark.parametrize(("data", "path", "message"), WRONG.values(), ids=WRONG)
def test_a_name_that_means_nothing_is_an_error(data: JSONObject, path: str, message: str) -> None:
    with pytest.raises(DialectDataError) as raised:
        built(data)
    assert raised.value.key_path == path
    assert raised.value.message.startswith(message)


RIGHT: dict[str, JSONObject] = {
    "a new kind that a type refers to": {
        "contract": {
            "kinds": {
                "chat.message": {"optional": {"mine": "[@mine.part]|null", "way": "#mine.ways"}},
                "mine.part": {"required": {"a": "string"}},
            },
            "values": {"mine.ways": ["one", "other"]},
        }
    },
    "a new type of items": {"contract": {"kinds": {"item.mine": {"required": {"type": "=mine"}}}}},
    "an own event": {"contract": {"kinds": {"event.mine.happened": {"required": {"type": "=mine.happened"}}}}},
    "a form of actions": {"items": {"action.search": {"order": ["query"]}}},
    "nothing for a kind": {"members": {"never": None}},
    "an envelope": {"envelope": {"message": "$message", "price": "$5 a day, $type", "list": [1, None]}},
}


@pytest.mark.parametrize("data", RIGHT.values(), ids=RIGHT)
def test_names_that_mean_something_are_none(data: JSONObject) -> None:
    built(data)


def test_members_that_are_left_out_or_sent_are_legal() -> None:
    dialect = build(
        {
            "dialect": "mine",
            "extends": "openai",
            "members": {"chat.message": ["role", "content"], "chat.completion": ["id", "choices"]},
        },
        OPENAI,
    )
    body: JSONObject = {
        "id": "chatcmpl-1",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop", "logprobs": None}
        ],
    }
    assert dialect.replies is not None
    assert [one.path for one in dialect.replies.body(body, Shape.CHAT)] == []
    assert OPENAI.replies is not None
    assert "object" in [one.path for one in OPENAI.replies.body(body, Shape.CHAT)]
