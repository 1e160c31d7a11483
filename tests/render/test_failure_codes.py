"""The codes of failed responses, from the scenario's file to the bytes."""

from __future__ import annotations

import pytest

from tests.kit import judge_judge as judge
from tests.server.sandboxed import RESPONSES, Played

# What the event reference lists, then what was seen beyond it.
CODES = (
    *("server_error", "rate_limit_exceeded", "invalid_prompt", "data_residency_mismatch"),
    *("bio_policy", "vector_store_timeout", "invalid_image", "invalid_image_format"),
    *("invalid_base64_image", "invalid_image_url", "image_too_large", "image_too_small"),
    *("image_parse_error", "image_content_policy_violation", "invalid_image_mode"),
    *("image_file_too_large", "unsupported_image_media_type", "empty_image_file"),
    *("failed_to_download_image", "image_file_not_found"),
    *("insufficient_quota", "context_length_exceeded", "server_is_overloaded"),
)


@pytest.mark.parametrize("code", CODES)
def test_a_response_fails_with_each_code(code: str) -> None:
    played = Played(f"stubs: [{{reply: {{output: [{{text: a}}, {{error: {{code: {code}, message: No.}}}}]}}}}]")
    whole, streamed = played.ask(RESPONSES), played.ask(RESPONSES, stream=True)
    last = streamed.events[-1]
    assert last["type"] == "response.failed"
    for response in (whole.json, last["response"]):
        assert (response["status"], response["error"]) == ("failed", {"code": code, "message": "No."})
    assert judge(whole.wire).good
    assert judge(streamed.wire).good
