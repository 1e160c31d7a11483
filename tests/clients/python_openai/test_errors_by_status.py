"""Errors of the catalogue as the SDK raises them, and how often it asks before it does."""

from __future__ import annotations

import time
from collections.abc import Callable

import openai
import pytest
from openai import OpenAI

from tests.clients.python_openai import asking
from tests.kit import Dialects, SandboxClient

ONCE, THRICE = 1, 3
CATALOGUE = Dialects().find("openai").catalogue
RAISED: dict[str, tuple[type[openai.APIStatusError], int]] = {
    "invalid_json": (openai.BadRequestError, ONCE),
    "missing_required_parameter": (openai.BadRequestError, ONCE),
    "unknown_parameter": (openai.BadRequestError, ONCE),
    "unsupported_parameter": (openai.BadRequestError, ONCE),
    "unsupported_value": (openai.BadRequestError, ONCE),
    "invalid_value": (openai.BadRequestError, ONCE),
    "invalid_type": (openai.BadRequestError, ONCE),
    "integer_below_min_value": (openai.BadRequestError, ONCE),
    "string_above_max_length": (openai.BadRequestError, ONCE),
    "context_length_exceeded": (openai.BadRequestError, ONCE),
    "previous_response_not_found": (openai.BadRequestError, ONCE),
    "tool_output_missing": (openai.BadRequestError, ONCE),
    "invalid_image_url": (openai.BadRequestError, ONCE),
    "content_policy_violation": (openai.BadRequestError, ONCE),
    "invalid_prompt": (openai.BadRequestError, ONCE),
    "misalignment_policy_violation": (openai.BadRequestError, ONCE),
    "data_residency_mismatch": (openai.BadRequestError, ONCE),
    "bio_policy": (openai.BadRequestError, ONCE),
    "invalid_image_mode": (openai.BadRequestError, ONCE),
    "invalid_api_key": (openai.AuthenticationError, ONCE),
    "missing_api_key": (openai.AuthenticationError, ONCE),
    "unsupported_country": (openai.PermissionDeniedError, ONCE),
    "permission_denied": (openai.PermissionDeniedError, ONCE),
    "model_not_found": (openai.NotFoundError, ONCE),
    "not_found": (openai.NotFoundError, ONCE),
    "method_not_allowed": (openai.APIStatusError, ONCE),
    "request_timeout": (openai.APIStatusError, THRICE),
    "conflict": (openai.ConflictError, THRICE),
    "payload_too_large": (openai.APIStatusError, ONCE),
    "unsupported_media_type": (openai.APIStatusError, ONCE),
    "unprocessable": (openai.UnprocessableEntityError, ONCE),
    "rate_limited": (openai.RateLimitError, THRICE),
    "request_too_large": (openai.RateLimitError, THRICE),
    "requests_limited": (openai.RateLimitError, THRICE),
    "insufficient_quota": (openai.RateLimitError, THRICE),
    "usage_limit_reached": (openai.RateLimitError, THRICE),
    "server_error": (openai.InternalServerError, THRICE),
    "bad_gateway": (openai.InternalServerError, THRICE),
    "overloaded": (openai.InternalServerError, THRICE),
    "slow_down": (openai.InternalServerError, THRICE),
    "gateway_timeout": (openai.InternalServerError, THRICE),
    "edge_error": (openai.InternalServerError, THRICE),
    "edge_timeout": (openai.InternalServerError, THRICE),
}
# The Responses API tells an unknown model otherwise.
ELSEWHERE = {
    ("model_not_found", "responses"): (openai.BadRequestError, 400),
    ("model_not_found", "compact"): (openai.BadRequestError, 400),
}
WAYS = {"chat": asking.chat_whole, "responses": asking.responses_stream, "compact": asking.compact}
# No pause by the catalogue's own headers, and no word on whether to ask again.
NO_ADVICE = {"retry-after-ms": "1", "retry-after": "", "x-should-retry": ""}


def test_every_error_of_the_catalogue_is_tested() -> None:
    assert set(RAISED) == set(CATALOGUE)


@pytest.mark.parametrize("name", RAISED)
def test_an_error_of_the_catalogue_is_raised_as_its_class(
    name: str, retrying: OpenAI, mockserver: SandboxClient, says: Callable[..., None]
) -> None:
    chat_kind, times = RAISED[name]
    entry = CATALOGUE[name]
    says(error=name, headers=NO_ADVICE)
    for way, ask in WAYS.items():
        kind, status = ELSEWHERE.get((name, way), (chat_kind, entry.status))
        before = len(mockserver.requests)
        with pytest.raises(openai.APIStatusError) as raised:
            ask(retrying, "hello")
        error = raised.value
        assert type(error) is kind
        assert error.status_code == status
        assert error.request_id == error.response.headers["x-request-id"]
        if entry.html:
            assert (error.type, error.code, error.param) == (None, None, None)
            assert "<html" in str(error.body)
        else:
            assert isinstance(error.body, dict)
            expected = (error.type, error.code)
            assert expected == (entry.members.get("type"), entry.members.get("code"))
            assert error.body["message"] in error.message
        assert len(mockserver.requests) - before == times


def test_members_of_an_error_become_fields_of_the_exception(client: OpenAI, says: Callable[..., None]) -> None:
    said = {"status": 422, "type": "t", "code": "c", "param": "p", "message": "m"}
    says(error=said)
    with pytest.raises(openai.UnprocessableEntityError) as raised:
        asking.chat(client, "hello")
    error = raised.value
    assert (error.type, error.code, error.param) == ("t", "c", "p")
    assert error.body == {"message": "m", "type": "t", "param": "p", "code": "c"}


@pytest.mark.parametrize(
    ("error", "advice", "times"),
    [
        ("rate_limited", "false", ONCE),
        ("server_error", "false", ONCE),
        ("invalid_value", "true", THRICE),
        ("invalid_api_key", "true", THRICE),
    ],
)
def test_the_header_x_should_retry_is_obeyed(
    error: str, advice: str, times: int, retrying: OpenAI, mockserver: SandboxClient, says: Callable[..., None]
) -> None:
    says(error=error, headers={**NO_ADVICE, "x-should-retry": advice})
    with pytest.raises(openai.APIStatusError):
        asking.chat(retrying, "hello")
    assert len(mockserver.requests) == times


@pytest.mark.parametrize(
    ("headers", "pause"),
    [({"retry-after-ms": "20", "retry-after": "7"}, 0.02), ({"retry-after-ms": "", "retry-after": "7"}, 7.0)],
    ids=["milliseconds first", "seconds"],
)
def test_the_pause_follows_the_headers(
    headers: dict[str, str], pause: float, retrying: OpenAI, mockserver: SandboxClient, says: Callable[..., None]
) -> None:
    says(error="rate_limited", headers=headers)
    pauses: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", pauses.append)
        with pytest.raises(openai.RateLimitError):
            asking.chat(retrying, "hello")
    assert pauses == [pause, pause]
    counts = [one.headers["x-stainless-retry-count"] for one in mockserver.requests]
    assert counts == ["0", "1", "2"]


@pytest.mark.mockserver(allow=["findings"])
def test_without_a_key_the_sdk_meets_a_401(client: OpenAI, says: Callable[..., None]) -> None:
    says(output=[{"text": "hi"}])
    with pytest.raises(openai.AuthenticationError) as raised:
        client.chat.completions.create(
            model=asking.MODEL, messages=asking.messages("hello"), extra_headers={"authorization": openai.Omit()}
        )
    assert (raised.value.type, raised.value.code) == ("invalid_request_error", None)


@pytest.mark.mockserver(keys=["right"], allow=["findings"])
def test_a_wrong_key_is_refused_and_the_right_one_is_not(
    client: OpenAI, mockserver: SandboxClient, says: Callable[..., None]
) -> None:
    says(output=[{"text": "hi"}])
    with pytest.raises(openai.AuthenticationError) as raised:
        asking.chat(client.with_options(api_key="wrong"), "hello")
    assert raised.value.code == "invalid_api_key"
    assert asking.chat_whole(client.with_options(api_key="right"), "hello") == "hi"
    assert [one.key for one in mockserver.requests] == ["wrong", "right"]


@pytest.mark.mockserver(allow=["unmatched"])
def test_an_unmatched_request_is_a_404_that_is_not_retried(retrying: OpenAI, mockserver: SandboxClient) -> None:
    mockserver.stub(name="knows birds", when={"user": {"contains": "bird"}}, reply="tweet")
    with pytest.raises(openai.NotFoundError) as raised:
        asking.chat(retrying, "hello")
    assert raised.value.type == "mockserver_unmatched"
    assert '"knows birds"' in raised.value.message
    assert len(mockserver.requests) == 1
