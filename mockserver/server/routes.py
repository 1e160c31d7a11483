"""Which endpoint a request of a sandbox calls."""

from __future__ import annotations

from functools import lru_cache

from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import ENDPOINTS, RoutingTable
from mockserver.model.request import Request


@lru_cache(maxsize=256)
def routing_table(dialects: tuple[Dialect, ...], default: Dialect) -> tuple[Dialect, RoutingTable]:
    """The dialect of replies that no stub makes, and every route there is: of two dialects with
    one path the earlier's, and endpoints that reply by themselves last."""
    effective = dialects[0] if len(dialects) == 1 else default
    routes = [route for dialect in (effective, *dialects) for route in dialect.routes]
    return effective, RoutingTable((*routes, *ENDPOINTS.built_in))


def is_call(request: Request, routes: RoutingTable) -> bool:
    """Whether stubs answer the request. Every POST is for them: one that leads nowhere is
    reported as unmatched."""
    if request.method == "POST":
        return True
    found = routes.find(request.method, request.path)
    return found is not None and ENDPOINTS[found[0].endpoint].answer is None
