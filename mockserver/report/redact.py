"""Values made fit for reports: credentials masked, long texts shortened, on one line."""

from __future__ import annotations

import re
from functools import lru_cache

from mockserver.model.findings import Mismatch
from mockserver.model.request import Headers

LIMIT = 200
"""The number of characters above which a value is shortened."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@lru_cache(maxsize=2048)
def truncate_middle(text: str, limit: int = LIMIT) -> str:
    """The text on one line; beyond `limit` characters its middle is replaced by a count."""
    if len(text) > limit:
        kept = limit * 2 // 5
        dropped = len(text) - 2 * kept
        text = f"{text[:kept]}…[{dropped} characters dropped]…{text[-kept:]}"
    return _CONTROL.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return repr(found[0])[1:-1]


MASK = "****"

_SECRET = re.compile(r"(?i)(proxy-)?authorization|cookie|set-cookie|.*(api[-_]?key|token|secret|password|signature)")
_SECRET_QUERY = re.compile(r"(?i)key|sig|code|.*(api[-_]?key|token|secret|password|signature)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9-]* (?=\S)")
_PARAMETER = re.compile(r"(?<=[?&])([^=&#]+)=([^&#]*)")


def mask_header(name: str, value: str) -> str:
    """The value of a header; of a credential its scheme (`Bearer`) and `****`."""
    if not _SECRET.fullmatch(name) or not value:
        return value
    scheme = _SCHEME.match(value) if name.lower().endswith("authorization") else None
    return f"{scheme[0] if scheme else ''}{MASK}"


def mask_headers(headers: Headers) -> Headers:
    return tuple((name, mask_header(name, value)) for name, value in headers)


def mask_query(query: Headers) -> Headers:
    return tuple((name, MASK if value and _SECRET_QUERY.fullmatch(name) else value) for name, value in query)


def mask_target(target: str) -> str:
    return _PARAMETER.sub(lambda found: f"{found[1]}={MASK}" if _is_secret(found) else found[0], target)


def _is_secret(found: re.Match[str]) -> bool:
    return bool(found[2]) and _SECRET_QUERY.fullmatch(found[1]) is not None


def mask_mismatch(mismatch: Mismatch) -> str:
    """The `got` of a mismatch, `****` for a credential."""
    place, _, name = mismatch.path.partition(".")
    secret = {"header": _SECRET, "query": _SECRET_QUERY}.get(place)
    if secret is None or mismatch.got == "none" or not secret.fullmatch(name):
        return mismatch.got
    return MASK
