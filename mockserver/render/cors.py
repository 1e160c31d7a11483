"""What lets a page of another origin call: headers of replies to a browser, and the reply to its preflight.

Only a request with `Origin` gets any, so that other clients see the same bytes as before.
"""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.model.request import Headers, Request

ANY = "*"
_EXPOSED = ("access-control-expose-headers", "X-Request-ID")


def cors_headers(request: Request, origins: tuple[str, ...]) -> Headers:
    """The headers for a request to a server that pages of these origins may call; `*` stands for any."""
    origin = request.header("origin")
    if origin is None:
        return ()
    if ANY in origins:
        return (("access-control-allow-origin", ANY), _EXPOSED)
    if origin not in origins:
        return ()
    return (("access-control-allow-origin", origin), _EXPOSED, ("vary", "Origin"))


def preflight_headers(request: Request, methods: Iterable[str]) -> Headers:
    """What a preflight asks for: the methods of the path, and the headers that the page wants to send."""
    if request.header("access-control-request-method") is None:
        return ()
    wanted = request.header("access-control-request-headers")
    allowed = ("access-control-allow-headers", wanted or ANY)
    return (("access-control-allow-methods", ", ".join(methods)), allowed)


def with_headers(headers: Headers, added: Headers) -> Headers:
    """The headers of a reply, and those added that it does not have."""
    if not added:
        return headers
    names = {name.lower() for name, _ in headers}
    return (*headers, *(pair for pair in added if pair[0] not in names))
