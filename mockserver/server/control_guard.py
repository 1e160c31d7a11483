"""Who may use the control routes: nobody's web page, and with a token only who knows it."""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest
from urllib.parse import urlsplit

from mockserver.server.control_message import ControlError

_SAME = ("same-origin", "none")
# A container's health check has no token to send, and health tells nothing.
_FREE = "health"


def guard(headers: Mapping[str, str], path: str, token: str | None) -> None:
    """Let a request pass or raise; `headers` are looked up by any spelling of their names.

    Raises:
        ControlError: a browser calls for another site (403), or the token is missing (401).
    """
    _refuse_other_sites(headers)
    if token is None or path == _FREE:
        return
    scheme, _, given = headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not compare_digest(given.strip().encode(), token.encode()):
        raise ControlError(401, "the control routes want 'Authorization: Bearer ADMIN_TOKEN'")


def _refuse_other_sites(headers: Mapping[str, str]) -> None:
    # Sec-Fetch-Site is a modern browser's word, Origin an older one's; other clients send neither.
    site = headers.get("Sec-Fetch-Site")
    origin = headers.get("Origin")
    foreign = site is not None and site not in _SAME
    if origin is not None and urlsplit(origin).netloc != headers.get("Host", ""):
        foreign = True
    if foreign:
        raise ControlError(403, "the control routes refuse calls from web pages of other origins")
