from __future__ import annotations

import pytest

from tests.kit import Mismatch, mask_header, mask_headers, mask_mismatch, mask_query, mask_target, truncate_middle


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer sk-abcd", "Bearer ****"),
        ("authorization", "sk-abcd", "****"),
        ("Authorization", "Basic dXNlcjpwYXNz", "Basic ****"),
        ("Proxy-Authorization", "Basic dXNlcjpwYXNz", "Basic ****"),
        ("x-api-key", "sk-abcd", "****"),
        ("api-key", "sk-abcd", "****"),
        ("X-Goog-Api-Key", "sk-abcd", "****"),
        ("Cookie", "a=b; c=d", "****"),
        ("Set-Cookie", "a=b", "****"),
        ("X-Auth-Token", "t", "****"),
        ("Authorization", "", ""),
        ("Content-Type", "application/json", "application/json"),
        ("x-stainless-lang", "python", "python"),
        ("OpenAI-Organization", "org-1", "org-1"),
    ],
)
def test_a_credential_is_masked_and_nothing_else(name: str, value: str, shown: str) -> None:
    assert mask_header(name, value) == shown


def test_headers_and_query_keep_their_order() -> None:
    assert mask_headers((("B", "1"), ("cookie", "x"), ("A", "2"))) == (("B", "1"), ("cookie", "****"), ("A", "2"))
    assert mask_query((("q", "1"), ("key", "x"), ("empty_token", ""))) == (
        ("q", "1"),
        ("key", "****"),
        ("empty_token", ""),
    )


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("/v1/models", "/v1/models"),
        ("/v1/models?key=abc", "/v1/models?key=****"),
        ("/v1/models?a=1&api_key=abc&b=2", "/v1/models?a=1&api_key=****&b=2"),
        ("/v1/models?key=", "/v1/models?key="),
        ("/v1/models?keyboard=x", "/v1/models?keyboard=x"),
    ],
)
def test_a_target_is_masked_in_its_query(target: str, shown: str) -> None:
    assert mask_target(target) == shown


@pytest.mark.parametrize(
    ("path", "got", "shown"),
    [
        ("header.authorization", "'Bearer sk-1'", "****"),
        ("header.authorization", "none", "none"),
        ("header.x-trace", "'t'", "'t'"),
        ("query.key", "'k'", "****"),
        ("query.q", "'k'", "'k'"),
        ("body.api_key", '"k"', '"k"'),
    ],
)
def test_what_a_mismatch_got_is_masked_where_it_is_a_credential(path: str, got: str, shown: str) -> None:
    assert mask_mismatch(Mismatch(path=path, expected="'w'", got=got)) == shown


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("", 200, ""),
        ("a" * 200, 200, "a" * 200),
        ("a" * 201, 200, f"{'a' * 80}…[41 characters dropped]…{'a' * 80}"),
        ("0123456789abc", 10, "0123…[5 characters dropped]…9abc"),
        ("line\nbreak\ttab\x1b[31m\u2028", 200, "line\\nbreak\\ttab\\x1b[31m\\u2028"),
        ("Zürich 東京 🌦", 200, "Zürich 東京 🌦"),
    ],
)
def test_a_value_is_one_line_of_bounded_length(text: str, limit: int, shown: str) -> None:
    assert truncate_middle(text, limit) == shown
