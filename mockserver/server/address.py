"""Where a request target leads: a sandbox, and a path below it, control routes told apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

from mockserver.model.request import Headers
from mockserver.server.sandbox import DEFAULT

SANDBOX_HEADER = "x-mockserver-sandbox"
ADMIN = "/__admin"
_SANDBOXES = "/sandbox/"
_LONG = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`sandbox` is None where neither URL nor header names one; `path` is decoded and lies below
    any sandbox prefix; `admin` is what follows `/__admin/`, None for anything else."""

    sandbox: str | None
    path: str
    query: Headers
    admin: str | None

    @property
    def name(self) -> str:
        return DEFAULT if self.sandbox is None else self.sandbox


def read(target: str, named: str | None) -> Address:
    """Read a request target in origin or absolute form; the URL's sandbox beats `named`, which
    came by header."""
    # Clients ask the same few targets again and again; a long one may be anything.
    return _known(target, named) if len(target) < _LONG else _read(target, named)


def _read(target: str, named: str | None) -> Address:
    rest = target
    if not rest.startswith("/"):
        _, _, after = rest.partition("://")
        rest = "/" + after.partition("/")[2]
    rest, _, query = rest.partition("#")[0].partition("?")
    sandbox = named or None
    if rest.startswith(_SANDBOXES):
        name, _, below = rest.removeprefix(_SANDBOXES).partition("/")
        if name:
            sandbox, rest = unquote(name), f"/{below}"
    path = unquote(rest)
    return Address(
        sandbox=sandbox,
        path=path,
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        admin=_admin(path),
    )


_known = lru_cache(maxsize=1024)(_read)


def _admin(path: str) -> str | None:
    if path == ADMIN:
        return ""
    return path.removeprefix(f"{ADMIN}/").rstrip("/") if path.startswith(f"{ADMIN}/") else None
