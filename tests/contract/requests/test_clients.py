"""What real clients send passes without even a notice, in every dialect it may meet."""

from __future__ import annotations

import pytest

from mockserver.model.endpoint import Endpoint
from mockserver.model.json import JSONObject, write
from tests.contract.requests.bodies import CHAT, CODEX, COMPACT, RESPONSES
from tests.contract.requests.shipped import OPENAI, SMARTLINK, VISIONCODER

JUDGES = {"openai": OPENAI, "visioncoder": VISIONCODER, "smartlink": SMARTLINK}


@pytest.mark.parametrize("dialect", JUDGES)
@pytest.mark.parametrize("body", RESPONSES.values(), ids=list(RESPONSES))
def test_a_responses_body_of_a_real_client_passes(dialect: str, body: JSONObject) -> None:
    assert JUDGES[dialect].judge(Endpoint.RESPONSES, body, strict=True) == ()


@pytest.mark.parametrize("dialect", ["openai", "visioncoder"])
@pytest.mark.parametrize("body", CHAT.values(), ids=list(CHAT))
def test_a_chat_body_of_a_real_client_passes(dialect: str, body: JSONObject) -> None:
    assert JUDGES[dialect].judge(Endpoint.CHAT, body, strict=True) == ()


@pytest.mark.parametrize("body", COMPACT.values(), ids=list(COMPACT))
def test_a_compact_body_of_a_real_client_passes(body: JSONObject) -> None:
    assert OPENAI.judge(Endpoint.COMPACT, body, strict=True) == ()


def test_the_agent_s_body_is_as_large_as_a_real_one() -> None:
    assert len(write(CODEX)) > 25_000
