"""The OpenAI SDK pointed at the test's sandbox. It retries where a test lets it, without pauses."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import openai
import openai._base_client
import pytest
from openai import OpenAI

from tests.clients.python_openai.asking import PATIENCE_S
from tests.kit import SandboxClient


@pytest.fixture(scope="session")
def pool() -> Iterator[OpenAI]:
    """Connections for all clients: the certificates of a new client cost more than a test."""
    with OpenAI(base_url="http://127.0.0.1:9", api_key="any") as client:
        yield client


@pytest.fixture
def client(pool: OpenAI, mockserver: SandboxClient) -> OpenAI:
    """Asks once."""
    return pool.with_options(base_url=mockserver.base_url, api_key=mockserver.api_key, max_retries=0)


@pytest.fixture
def retrying(client: OpenAI, monkeypatch: pytest.MonkeyPatch) -> OpenAI:
    """Asks three times, as the SDK does by default, with its own pauses as good as none."""
    monkeypatch.setattr(openai._base_client, "INITIAL_RETRY_DELAY", 0.001)
    return client.with_options(max_retries=openai.DEFAULT_MAX_RETRIES)


@pytest.fixture
def impatient(client: OpenAI) -> OpenAI:
    """Asks once, with a short read time-out."""
    return client.with_options(timeout=PATIENCE_S)


@pytest.fixture
def says(mockserver: SandboxClient) -> Callable[..., None]:
    """Make the sandbox answer everything with one reply."""

    def say(**reply: object) -> None:
        mockserver.load({"scenario": "said", "stubs": [{"name": "said", "reply": reply}]})

    return say
