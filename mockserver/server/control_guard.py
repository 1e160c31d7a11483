"""Who may use the control routes: nobody's web page, and with a token only who knows it."""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from mockserver.server.control_message import ControlError

_SAME = ("same-origin", "none")
# A container's health check has no token to send, and health tells nothing.
_FREE = "health"


def guard(
    headers: Mapping[str, str], path: str, token: str | None, *, on_loopback: bool = False
) -> None:
    """Let a request pass or raise; `headers` are looked up by any spelling of their names.

    `on_loopback` tells that it came to a loopback address of this machine.

    Raises:
        ControlError: a browser calls for another site (403), or the token is missing (401).
    """
    _refuse_other_sites(headers)
    if path == _FREE:
        return
    if token is None:
        if on_loopback:
            _refuse_other_names(headers.get("Host", ""))
        return
    scheme, _, given = headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not compare_digest(_bytes(given.strip()), _bytes(token)):
        raise ControlError(401, "the control routes want 'Authorization: Bearer ADMIN_TOKEN'")


def _refuse_other_sites(headers: Mapping[str, str]) -> None:
    # Sec-Fetch-Site is a modern browser's word, Origin an older one's; other clients send neither.
    site = headers.get("Sec-Fetch-Site")
    origin = headers.get("Origin")
    foreign = site is not None and site not in _SAME
    if origin is not None and _split(origin).netloc != headers.get("Host", ""):
        foreign = True
    if foreign:
        raise ControlError(403, "the control routes refuse calls from web pages of other origins")


def _refuse_other_names(host: str) -> None:
    """A page whose own name was made to lead here is of the same origin: only its name tells."""
    if host and not is_loopback(_split(f"//{host}").hostname or ""):
        raise ControlError(
            403,
            f"the control routes on a loopback address want its name as Host, got {host!r}: "
            "ask for 127.0.0.1 or localhost, or start the server with --admin-token",
        )


def _bytes(text: str) -> bytes:
    """A header's own bytes; those that are no UTF-8 came as surrogates."""
    return text.encode("utf-8", "surrogateescape")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is always this machine itself."""
    if host.lower() == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
