"""One question in each of the ways that the SDK has for it, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from openai import OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam
from openai.types.responses import Response

MODEL = "gpt-5.4"
# Only for replies that are held back for good: no other must come within it.
PATIENCE_S = 0.25

Asking: TypeAlias = Callable[[OpenAI, str], str]


def messages(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


def chat(client: OpenAI, text: str) -> ChatCompletion:
    return client.chat.completions.create(model=MODEL, messages=messages(text))


def response(client: OpenAI, text: str) -> Response:
    return client.responses.create(model=MODEL, input=text)


def chat_whole(client: OpenAI, text: str) -> str:
    return chat(client, text).choices[0].message.content or ""


def chat_stream(client: OpenAI, text: str) -> str:
    said = ""
    stream = client.chat.completions.create(model=MODEL, messages=messages(text), stream=True)
    for chunk in stream:
        for choice in chunk.choices:
            said += choice.delta.content or ""
    return said


def chat_helper(client: OpenAI, text: str) -> str:
    with client.chat.completions.stream(model=MODEL, messages=messages(text)) as stream:
        return stream.get_final_completion().choices[0].message.content or ""


def responses_whole(client: OpenAI, text: str) -> str:
    return response(client, text).output_text


def responses_stream(client: OpenAI, text: str) -> str:
    said = ""
    for event in client.responses.create(model=MODEL, input=text, stream=True):
        if event.type == "response.output_text.delta":
            said += event.delta
    return said


def responses_helper(client: OpenAI, text: str) -> str:
    with client.responses.stream(model=MODEL, input=text) as stream:
        return stream.get_final_response().output_text


def compact(client: OpenAI, text: str) -> str:
    """The encrypted content of the compaction."""
    [*_, item] = client.responses.compact(model=MODEL, input=text).output
    assert item.type == "compaction"
    return item.encrypted_content


WHOLE: dict[str, Asking] = {"chat whole": chat_whole, "responses whole": responses_whole}
STREAMS: dict[str, Asking] = {"chat stream": chat_stream, "responses stream": responses_stream}
HELPERS: dict[str, Asking] = {"chat helper": chat_helper, "responses helper": responses_helper}
WAYS: dict[str, Asking] = WHOLE | STREAMS | HELPERS
