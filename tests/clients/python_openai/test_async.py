"""The async SDK says the same as the sync one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import openai
import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel

from mockserver import MockServer
from mockserver.client import SandboxClient
from tests.clients.python_openai.asking import MODEL, PATIENCE_S, messages

pytestmark = pytest.mark.asyncio


class City(BaseModel):
    city: str


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


async def test_answers_are_parsed(mockserver: SandboxClient, says: Callable[..., None]) -> None:
    says(output=[{"text": '{"city":"Rome"}'}])
    async with to(mockserver) as client:
        chat = await client.chat.completions.parse(model=MODEL, messages=messages("x"), response_format=City)
        response = await client.responses.parse(model=MODEL, input="x", text_format=City)
    assert chat.choices[0].message.parsed == response.output_parsed == City(city="Rome")


async def test_a_rate_limit_is_waited_out(mockserver: SandboxClient) -> None:
    busy = {"error": "rate_limited", "headers": {"retry-after-ms": "1"}}
    mockserver.expect(replies=[busy, busy, "at last"], times=3)
    async with to(mockserver, retries=2) as client:
        assert await responses_stream(client) == "at last"


@pytest.mark.parametrize(
    ("fault", "raises"),
    [
        ({"reset": {"after": "text.delta[1]"}}, openai.APIConnectionError),
        ({"cut": {"after": "text.delta[1]"}}, openai.APIConnectionError),
        ({"stall": {"after": "text.delta[1]"}}, openai.APITimeoutError),
        ({"stall": {"at": "head"}}, openai.APITimeoutError),
        ({"garble": {"json": "text.delta[1]"}}, ValueError),
    ],
    ids=["reset", "cut", "stall", "stall before the head", "bad JSON"],
)
@pytest.mark.parametrize("ask", [chat_stream, responses_stream])
async def test_faults_are_raised(
    fault: dict[str, object],
    raises: type[Exception],
    ask: Callable[[AsyncOpenAI], object],
    mockserver: SandboxClient,
    says: Callable[..., None],
) -> None:
    says(output=[{"text": "one two three four"}], faults=[fault])
    timeout = PATIENCE_S if "stall" in fault else 60.0
    async with to(mockserver, timeout=timeout) as client:
        with pytest.raises(raises):
            await ask(client)  # type: ignore[misc]


async def test_fifty_callers_at_once_each_get_their_own(mockserver: SandboxClient) -> None:
    for number in range(50):
        mockserver.expect(when={"user": f"number {number}"}, reply=f"answer {number}", times=1)

    async with to(mockserver) as client:

        async def ask(number: int) -> str:
            completion = await client.chat.completions.create(model=MODEL, messages=messages(f"number {number}"))
            return completion.choices[0].message.content or ""

        told = await asyncio.gather(*map(ask, range(50)))
    assert told == [f"answer {number}" for number in range(50)]
    assert sorted(one.number for one in mockserver.requests) == [*range(1, 51)]


async def test_client_and_server_may_share_a_loop() -> None:
    async with MockServer() as server:
        server.stub(reply="from this very loop")
        async with to(server) as client:
            assert await chat_stream(client) == "from this very loop"
            assert await responses_stream(client) == "from this very loop"
        server.verify()


async def test_a_caller_that_leaves_a_stream_is_told_in_the_journal(
    mockserver: SandboxClient, says: Callable[..., None]
) -> None:
    says(output=[{"text": "one two three four"}], pace={"gap": "30s"})
    async with to(mockserver) as client:
        stream = await client.responses.create(model=MODEL, input="x", stream=True)
        first = await anext(aiter(stream))
        await stream.close()
    assert first.type == "response.created"
    await asyncio.to_thread(mockserver.settle, 60)
    assert [one.outcome for one in mockserver.requests] == ["client_left"]
