"""Where a request leads: to a sandbox and an endpoint below it, or to an admin route."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import parse_qsl, unquote

from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import ENDPOINTS
from mockserver.model.request import Headers
from mockserver.model.route import Route, RoutingTable

DEFAULT = "default"
"""The sandbox of requests that name none."""

SANDBOX_HEADER = "x-mockserver-sandbox"
ADMIN = "/__admin"
_SANDBOXES = "/sandbox/"
Routing: TypeAlias = tuple[Dialect, RoutingTable]
# Longer targets are not cached.
_LONG = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`sandbox` is None where neither URL nor header names one; `path` is decoded and lies below
    any sandbox prefix; `admin` is what follows `/__admin/`, None for anything else."""

    sandbox: str | None
    path: str
    query: Headers
    admin: str | None

    @property
    def sandbox_name(self) -> str:
        return DEFAULT if self.sandbox is None else self.sandbox


def parse_target(target: str, sandbox: str | None) -> Target:
    """Parse a request target in origin or absolute form. The sandbox in the URL takes precedence
    over `sandbox`, which came by header."""
    # Clients use the same few targets again and again.
    return _cached(target, sandbox) if len(target) < _LONG else _parse(target, sandbox)


def _parse(target: str, named: str | None) -> Target:
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
    return Target(sandbox=sandbox, path=path, query=tuple(parse_qsl(query, keep_blank_values=True)), admin=_admin(path))


_cached = lru_cache(maxsize=1024)(_parse)


def _admin(path: str) -> str | None:
    if path == ADMIN:
        return ""
    return path.removeprefix(f"{ADMIN}/").rstrip("/") if path.startswith(f"{ADMIN}/") else None


@lru_cache(maxsize=256)
def routing(
    dialects: tuple[Dialect, ...], default: Dialect, own: tuple[Route, ...], *, stateful: bool = True
) -> Routing:
    """The dialect of replies that no stub gives, and every route there is: of two dialects with
    one path the earlier's, then the stubs' `own`, and endpoints that reply by themselves last; those of stored
    replies where the sandbox is `stateful`."""
    effective = dialects[0] if len(dialects) == 1 else default
    every = (route for dialect in (effective, *dialects) for route in dialect.routes)
    routes = [route for route in every if stateful or not ENDPOINTS[route.endpoint].stateful]
    return effective, RoutingTable((*routes, *own, *ENDPOINTS.built_in))
