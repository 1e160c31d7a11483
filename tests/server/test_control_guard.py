from __future__ import annotations

import pytest
from multidict import CIMultiDict

from mockserver.server.control_guard import guard
from mockserver.server.control_message import ControlError

HOST = {"Host": "127.0.0.1:8080"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://127.0.0.1:8080"},
    ],
)
def test_who_is_no_foreign_page_may_pass(headers: dict[str, str]) -> None:
    guard(CIMultiDict(HOST | headers), "reset", None)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9090"},
        {"Origin": "null"},
        {"origin": "http://127.0.0.1:8080", "sec-fetch-site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", ["health", "reset"])
def test_a_page_of_another_origin_may_not(headers: dict[str, str], path: str) -> None:
    with pytest.raises(ControlError) as refused:
        guard(CIMultiDict(HOST | headers), path, None)
    assert refused.value.status == 403


@pytest.mark.parametrize(
    ("authorization", "passes"),
    [
        ("Bearer secret", True),
        ("bearer  secret ", True),
        ("Bearer Secret", False),
        ("Bearer", False),
        ("secret", False),
        ("Basic secret", False),
        ("Bearer sécret", False),
        ("", False),
    ],
)
def test_a_token_is_wanted_where_one_is_set(authorization: str, passes: bool) -> None:
    headers = CIMultiDict(HOST | {"Authorization": authorization})
    if passes:
        guard(headers, "reset", "secret")
        return
    with pytest.raises(ControlError) as refused:
        guard(headers, "reset", "secret")
    assert refused.value.status == 401


def test_health_needs_no_token() -> None:
    guard(CIMultiDict(HOST), "health", "secret")
