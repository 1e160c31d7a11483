"""The headers that let pages of other origins call."""

from __future__ import annotations

import pytest

from tests.kit import Headers, Request, cors_headers, preflight_headers

EXPOSED = dict(cors_headers(Request(method="POST", target="/", path="/", headers=(("origin", "https://a"),)), ("*",)))
EXPOSES = "access-control-expose-headers"


def asked(*headers: tuple[str, str]) -> Request:
    return Request(method="OPTIONS", target="/", path="/", headers=headers)


@pytest.mark.parametrize(
    ("headers", "origins", "allowed"),
    [
        ((), ("*",), {}),
        ((("Origin", "https://a"),), (), {}),
        ((("Origin", "https://a"),), ("https://b",), {}),
        ((("Origin", "https://a"),), ("*",), {"access-control-allow-origin": "*", EXPOSES: EXPOSED[EXPOSES]}),
        (
            (("Origin", "https://a"),),
            ("https://b", "https://a"),
            {"access-control-allow-origin": "https://a", EXPOSES: EXPOSED[EXPOSES], "vary": "Origin"},
        ),
    ],
)
def test_only_pages_of_allowed_origins_may_read(
    headers: Headers, origins: tuple[str, ...], allowed: dict[str, str]
) -> None:
    assert dict(cors_headers(asked(*headers), origins)) == allowed


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ((), {}),
        (
            (("access-control-request-method", "POST"),),
            {"access-control-allow-methods": "POST, OPTIONS", "access-control-allow-headers": "*"},
        ),
        (
            (("access-control-request-method", "POST"), ("access-control-request-headers", "authorization")),
            {"access-control-allow-methods": "POST, OPTIONS", "access-control-allow-headers": "authorization"},
        ),
    ],
)
def test_a_preflight_gets_what_it_asks_for(headers: Headers, allowed: dict[str, str]) -> None:
    assert dict(preflight_headers(asked(*headers), ("POST", "OPTIONS"))) == allowed
