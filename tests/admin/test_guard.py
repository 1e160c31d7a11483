from __future__ import annotations

import pytest
from multidict import CIMultiDict

from tests.kit import AdminError, guard

HOST = {"Host": "127.0.0.1:8080"}


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://127.0.0.1:8080"}]
)
def test_requests_of_the_same_origin_pass(headers: dict[str, str]) -> None:
    guard(CIMultiDict(HOST | headers), "reset", None)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9090"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"origin": "http://127.0.0.1:8080", "sec-fetch-site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", ["health", "reset"])
def test_a_page_of_another_origin_may_not(headers: dict[str, str], path: str) -> None:
    with pytest.raises(AdminError) as rejected:
        guard(CIMultiDict(HOST | headers), path, None)
    assert rejected.value.status == 403


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
    with pytest.raises(AdminError) as rejected:
        guard(headers, "reset", "secret")
    assert rejected.value.status == 401


def test_health_needs_no_token() -> None:
    guard(CIMultiDict(HOST), "health", "secret")


HOSTS = {
    "127.0.0.1:8080": True,
    "127.8.8.8": True,
    "localhost:8080": True,
    "LOCALHOST": True,
    "mock.localhost:8080": True,
    "[::1]:8080": True,
    "[::ffff:127.0.0.1]:8080": True,
    "": True,
    "evil.example": False,
    "evil.example:8080": False,
    "localhost.evil.example": False,
    "notlocalhost": False,
    "10.0.0.1:8080": False,
    "127.0.0.1.evil.example": False,
    "[::1": False,
}


@pytest.mark.parametrize(("host", "passes"), HOSTS.items())
def test_on_loopback_only_its_own_names_pass(host: str, passes: bool) -> None:
    said = {"Host": host} if host else {}
    headers = CIMultiDict(said)
    guard(headers, "reset", None)
    guard(headers, "health", None, on_loopback=True)
    guard(CIMultiDict(said | {"Authorization": "Bearer t"}), "reset", "t", on_loopback=True)
    if passes:
        guard(headers, "reset", None, on_loopback=True)
        return
    with pytest.raises(AdminError) as rejected:
        guard(headers, "reset", None, on_loopback=True)
    assert rejected.value.status == 403
    assert str(rejected.value) == (
        f"the admin API on a loopback address expects that address as Host, got {host!r}: "
        "use 127.0.0.1 or localhost, or start the server with --admin-token"
    )
