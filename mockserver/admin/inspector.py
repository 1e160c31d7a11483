"""The inspector page: one HTML document without data, read with its first request."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from mockserver.render.replies import BodyReply

INSPECTOR = ""
"""Its path below `/__admin/`."""

_INLINE = re.compile(rb"<(script|style)>(.*?)</\1>", re.DOTALL)


@cache
def inspector_page() -> BodyReply:
    """The page. Nothing but its own script and style runs or is loaded, and no other page may frame it."""
    body = files("mockserver.admin").joinpath("inspector.html").read_bytes()
    sources = {kind.decode(): _source(text) for kind, text in _INLINE.findall(body)}
    policy = (
        "default-src 'self'",
        f"script-src {sources['script']}",
        f"style-src {sources['style']}",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return BodyReply(
        status=200,
        headers=(
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("content-security-policy", "; ".join(policy)),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
        ),
        body=body,
    )


def _source(text: bytes) -> str:
    return f"'sha256-{b64encode(sha256(text).digest()).decode()}'"
