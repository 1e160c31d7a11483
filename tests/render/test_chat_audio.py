"""Speech in chat, from the scenario's file to the bytes."""

from __future__ import annotations

from typing import Any

import pytest
from openai.types.chat import ChatCompletion

from mockserver.contract.judge import judge
from mockserver.errors import ScenarioError
from tests.render.sdk_types import problems
from tests.server.sandboxed import CHAT, RESPONSES, Played, Told

SPEECH = "{audio: [UklGRg==, AAAA], transcript: Good night}"
WANTED: Any = {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}}


def told(items: str, **members: Any) -> Told:
    answer = Played(f"stubs: [{{reply: {{output: [{items}]}}}}]").ask(CHAT, **members)
    assert answer.entry.findings == ()
    assert judge(answer.wire).findings == ()
    return answer


def heard(answer: Told) -> list[Any]:
    return [
        one["choices"][0]["delta"]["audio"]
        for one in answer.events
        if one != "[DONE]" and "audio" in one["choices"][0]["delta"]
    ]


def test_audio_is_in_the_message_with_its_transcript() -> None:
    body = told(SPEECH, **WANTED).json
    assert problems(ChatCompletion, body) == []
    [choice] = body["choices"]
    message = choice["message"]
    assert (choice["finish_reason"], message["content"]) == ("stop", None)
    assert message["audio"] == {
        "id": message["audio"]["id"],
        "data": "UklGRg==AAAA",
        "expires_at": body["created"] + 3600,
        "transcript": "Good night",
    }
    assert message["audio"]["id"].startswith("audio_")


def test_the_deltas_of_audio_add_up_to_it() -> None:
    told_id = told(SPEECH).json["choices"][0]["message"]["audio"]["id"]
    assert heard(told(SPEECH, stream=True, **WANTED)) == [
        {"id": told_id, "transcript": ""},
        {"transcript": "Good "},
        {"transcript": "night"},
        {"data": "UklGRg=="},
        {"data": "AAAA"},
        {"expires_at": 1767225600 + 3600},
    ]


def test_id_and_expiry_of_audio_can_be_scripted() -> None:
    speech = "{audio: AA==, transcript: Good night, id: audio_1, expires: 5, chunks: 5}"
    assert told(speech).json["choices"][0]["message"]["audio"] == {
        "id": "audio_1",
        "data": "AA==",
        "expires_at": 5,
        "transcript": "Good night",
    }
    assert heard(told(speech, stream=True)) == [
        {"id": "audio_1", "transcript": ""},
        {"transcript": "Good "},
        {"transcript": "night"},
        {"data": "AA=="},
        {"expires_at": 5},
    ]


def test_audio_and_a_call_share_a_message() -> None:
    [choice] = told(f"{SPEECH}, {{call: dim}}").json["choices"]
    assert choice["message"]["audio"]["transcript"] == "Good night"
    assert choice["message"]["tool_calls"][0]["function"]["name"] == "dim"


def test_the_transcript_counts_as_output_tokens() -> None:
    assert told(SPEECH).json["usage"]["completion_tokens"] == 3


def test_only_chat_has_audio() -> None:
    played = Played(f"stubs: [{{reply: {{output: [{SPEECH}]}}}}]")
    assert played.ask(RESPONSES).status == 404


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            f"stubs: [{{on: responses, reply: {{output: [{SPEECH}]}}}}]",
            ("s.yaml:1:14: stubs[0].on: responses cannot serve this stub: responses cannot say audio"),
        ),
        (
            f"stubs: [{{on: chat, reply: {{output: [{SPEECH}, {SPEECH}]}}}}]",
            ("s.yaml:1:14: stubs[0].on: chat cannot serve this stub: a message has place for one audio"),
        ),
    ],
)
def test_audio_on_another_endpoint_is_a_load_error(text: str, wanted: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        Played(text)
    assert [str(problem) for problem in raised.value.problems] == [wanted]
