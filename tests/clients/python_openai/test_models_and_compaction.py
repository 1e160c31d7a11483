"""The other two doors: the list of models, and compaction in both of its shapes."""

from __future__ import annotations

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from tests.clients.python_openai.asking import MODEL, messages
from tests.kit import Dialects, SandboxClient

MODELS = [str(model["id"]) for model in Dialects().find("openai").models]


def test_models_are_listed_without_using_a_stub(client: OpenAI, mockserver: SandboxClient) -> None:
    mockserver.expect(reply="hi", times=1)
    assert [model.id for model in client.models.list()] == MODELS
    assert [model.object for model in client.models.list()] == ["model"] * len(MODELS)
    assert len(mockserver.requests) == 0
    assert [one.path for one in mockserver.journal] == ["/v1/models"] * 2
    assert client.responses.create(model=MODEL, input="x").output_text == "hi"


@pytest.mark.parametrize("name", [*MODELS[:1], "ft:gpt-5.4:acme/one two"])
def test_a_model_is_found_whatever_its_name(client: OpenAI, name: str) -> None:
    model = client.models.retrieve(name)
    assert (model.id, model.object) == (name, "model")


def test_other_methods_are_refused(client: OpenAI) -> None:
    with pytest.raises(openai.APIStatusError) as raised:
        client.get("/responses", cast_to=object)
    assert raised.value.status_code == 405
    with pytest.raises(openai.NotFoundError):
        client.get("/files", cast_to=object)


def test_input_is_compacted_into_one_item_behind_the_users_messages(client: OpenAI, mockserver: SandboxClient) -> None:
    mockserver.expect(on="compact", reply={"output": [{"compaction": "gAAAAA-mine"}]})
    found = client.responses.compact(
        model=MODEL,
        input=[
            {"role": "user", "content": "first"},
            {"role": "assistant", "content": "said"},
            {"role": "user", "content": "second"},
        ],
    )
    assert found.object == "response.compaction"
    *before, last = found.output
    # The SDK's own type knows output text only, as it would say of the real reply.
    assert [item.to_dict(warnings=False)["content"] for item in before] == [
        [{"type": "input_text", "text": "first"}],
        [{"type": "input_text", "text": "second"}],
    ]
    assert last.type == "compaction"
    assert last.encrypted_content == "gAAAAA-mine"
    assert found.usage.total_tokens == found.usage.input_tokens + found.usage.output_tokens


def test_a_compaction_is_sent_back_as_input(client: OpenAI, mockserver: SandboxClient) -> None:
    mockserver.load({"stubs": [{"on": "compact", "reply": "short"}, {"reply": "go on"}]})
    compacted = client.responses.compact(model=MODEL, input="a long story")
    kept = [item.to_dict(exclude_none=True, warnings=False) for item in compacted.output]
    found = client.responses.create(
        model=MODEL,
        input=[*kept, {"role": "user", "content": "and now?"}],  # type: ignore[list-item]
    )
    assert found.output_text == "go on"
    assert mockserver.last.json["input"][1]["type"] == "compaction"


@pytest.mark.parametrize("stream", [False, True])
def test_messages_are_compacted_into_a_chat_completion(stream: bool, client: OpenAI, mockserver: SandboxClient) -> None:
    mockserver.expect(on="compact", reply="in short")
    body = {"model": MODEL, "messages": messages("a long story")}
    if not stream:
        whole = client.post("/responses/compact", cast_to=ChatCompletion, body=body)
        assert whole.choices[0].message.content == "in short"
        return
    chunks = client.post(
        "/responses/compact",
        cast_to=ChatCompletionChunk,
        body={**body, "stream": True},
        stream=True,
        stream_cls=openai.Stream[ChatCompletionChunk],
    )
    said = [chunk.choices[0].delta.content or "" for chunk in chunks]
    assert "".join(said) == "in short"
