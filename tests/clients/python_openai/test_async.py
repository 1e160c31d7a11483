"""The async SDK says the same as the sync one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from openai import AsyncOpenAI

from mockserver import MockServer
from tests.clients.python_openai.asking import MODEL, messages
from tests.kit import SandboxClient

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def to(sandbox: SandboxClient, **options: float) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(
        base_url=sandbox.base_url,
        api_key="any",
        max_retries=int(options.get("retries", 0)),
        timeout=options.get("timeout", 60.0),
    ) as client:
        yield client


async def chat_stream(client: AsyncOpenAI) -> str:
    said = ""
    async for chunk in await client.chat.completions.create(model=MODEL, messages=messages("x"), stream=True):
        said += chunk.choices[0].delta.content or ""
    return said


async def responses_stream(client: AsyncOpenAI) -> str:
    said = ""
    async for event in await client.responses.create(model=MODEL, input="x", stream=True):
        if event.type == "response.output_text.delta":
            said += event.delta
    return said


async def test_every_way_of_asking_gets_the_answer(mockserver: SandboxClient, says: Callable[..., None]) -> None:
    says(output=[{"text": "Grüße, 你好"}])
    async with to(mockserver) as client:
        chat = await client.chat.completions.create(model=MODEL, messages=messages("x"))
        response = await client.responses.create(model=MODEL, input="x")
        compacted = await client.responses.compact(model=MODEL, input="x")
        async with client.chat.completions.stream(model=MODEL, messages=messages("x")) as stream:
            completion = await stream.get_final_completion()
        async with client.responses.stream(model=MODEL, input="x") as events:
            final = await events.get_final_response()
        assert [
            chat.choices[0].message.content,
            response.output_text,
            completion.choices[0].message.content,
            final.output_text,
            await chat_stream(client),
            await responses_stream(client),
        ] == ["Grüße, 你好"] * 6
        assert compacted.object == "response.compaction"
        models = [model.id async for model in client.models.list()]
    assert MODEL in models
    assert len(mockserver.requests) == 7


async def test_fifty_callers_at_once_each_get_their_own(mockserver: SandboxClient) -> None:
    for number in range(50):
        mockserver.expect(when={"user": f"number {number}"}, reply=f"answer {number}", times=1)

    async with to(mockserver) as client:

        async def ask(number: int) -> str:
            completion = await client.chat.completions.create(model=MODEL, messages=messages(f"number {number}"))
            return completion.choices[0].message.content or ""

        found = await asyncio.gather(*map(ask, range(50)))
    assert found == [f"answer {number}" for number in range(50)]
    assert sorted(one.number for one in mockserver.requests) == [*range(1, 51)]


async def test_client_and_server_may_share_a_loop() -> None:
    async with MockServer() as server:
        server.stub(reply="from this very loop")
        async with to(server) as client:
            assert await chat_stream(client) == "from this very loop"
            assert await responses_stream(client) == "from this very loop"
        server.verify()


async def test_a_caller_that_leaves_a_stream_is_recorded(mockserver: SandboxClient, says: Callable[..., None]) -> None:
    says(output=[{"text": "one two three four"}], pace={"gap": "30s"})
    async with to(mockserver) as client:
        stream = await client.responses.create(model=MODEL, input="x", stream=True)
        first = await anext(aiter(stream))
        await stream.close()
    assert first.type == "response.created"
    await asyncio.to_thread(mockserver.settle, 60)
    assert [one.outcome for one in mockserver.requests] == ["client_left"]
