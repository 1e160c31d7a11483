"""The API key of a request: whether there is one, and whether it is accepted."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.model.api_key import NO_KEY, find_key, starred
from mockserver.model.dialect import Dialect, Rejection
from mockserver.model.endpoint import Shape
from mockserver.model.findings import ApiError, Finding
from mockserver.model.reply import ErrorRef
from mockserver.model.request import Request

MISSING_KEY = "credentials.missing"
UNKNOWN_KEY = "credentials.unknown"


def key_of(request: Request, dialect: Dialect) -> str | None:
    """The key of a request in one of the dialect's headers; None for none."""
    return find_key(request.header, dialect.credentials)


def check(request: Request, dialect: Dialect, accepted: Sequence[str], shape: Shape) -> Rejection | None:
    """The 401 for a request with no key or one that is not accepted; None for a good one."""
    if not dialect.credentials:
        return None
    key = key_of(request, dialect)
    if key is None:
        usages = " or ".join(_usage(one.header, one.scheme) for one in dialect.credentials)
        message = f"no API key: expected {usages}"
        return _rejection(MISSING_KEY, message, "missing_api_key", dialect, shape)
    if accepted and key not in accepted:
        message = f"key {_masked(key)} is not accepted"
        return _rejection(UNKNOWN_KEY, message, "invalid_api_key", dialect, shape, key=starred(key))
    return None


def _usage(header: str, scheme: str) -> str:
    return f"{header}: {scheme} KEY" if scheme else f"{header}: KEY"


def _masked(key: str) -> str:
    return "****" if len(key) < 12 else f"{key[:3]}****{key[-4:]}"


def _rejection(rule: str, message: str, name: str, dialect: Dialect, shape: Shape, *, key: str = NO_KEY) -> Rejection:
    error: ApiError = dialect.error(ErrorRef(name=name), shape, key=key)
    return Rejection(finding=Finding(rule=rule, path="", message=message), error=error)
