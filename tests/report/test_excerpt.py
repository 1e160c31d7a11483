"""What a reply says, in a few words."""

from __future__ import annotations

import pytest

from tests.kit import excerpt

CHAT = (
    'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n'
    'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n'
)
TYPED = 'event: x\ndata: {"type":"response.%s","delta":"a b"}\n\n'
CASES = {
    "chat": ('{"error":null,"choices":[{"message":{"content":"hi"}}]}', ' → "hi"'),
    "chat tools": ('{"choices":[{"message":{"content":null,"tool_calls":[{"function":{"name":"f"}}]}}]}', ' → "f()"'),
    "chat stream": (CHAT % "hi" + CHAT % " you", ' → "hi you"'),
    "long": (CHAT % ("w" * 50) + CHAT % "x", f' → "{"w" * 40}…"'),
    "responses": ('{"output":[{"content":[{"text":"hi"}]}],"text":{"format":{"type":"text"}}}', ' → "hi"'),
    "responses tools": ('{"output":[{"type":"function_call","name":"f","arguments":"{}"}]}', ' → "f()"'),
    "responses stream": (TYPED % "created" + TYPED % "output_text.delta" + "data: [DONE]\n\n", ' → "a b"'),
    "an error": ('{"error":{"message":"no\\nsuch\\u001b[1m"}}', ' → "no such\\x1b[1m"'),
    "a page": ("<html>", ""),
}


@pytest.mark.parametrize(("body", "said"), CASES.values(), ids=CASES)
def test_the_first_words(body: str, said: str) -> None:
    assert excerpt("m", "ask", {"body": body, "encoding": "utf-8"}) == f'm "ask"{said}'


def test_what_is_not_known_is_left_out() -> None:
    assert excerpt(None, None, {"body": "AAAA", "encoding": "base64"}) == ""
    assert excerpt("m", None, None) == "m"
