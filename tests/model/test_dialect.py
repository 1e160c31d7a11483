"""A dialect as a value: shapes by route, members kept, errors resolved."""

from __future__ import annotations

import pytest

from tests.kit import ApiError, CatalogueEntry, Dialect, Endpoint, ErrorRef, JSONObject, Request, Route, Shape

COMPACT = Route(
    path="/v1/responses/compact",
    endpoint=Endpoint.COMPACT,
    shape=Shape.COMPACTION,
    by_member=(("messages", Shape.CHAT), ("prompt", Shape.COMPACTION)),
)
LIMITED = CatalogueEntry(
    name="limited",
    about="too many",
    status=429,
    members={"type": "tokens", "code": "limit", "message": "no more of {model}", "plan": "plus"},
    headers=(("retry-after", "1"),),
    shapes={"responses": {"status": 400, "param": "input"}},
)
PAGE = CatalogueEntry(name="page", about="an edge", status=502, members={"message": "bad"}, html="<html>")
DIALECT = Dialect(
    name="test",
    routes=(COMPACT,),
    members={"usage": ("total", "input"), "chat.message": ("role",)},
    catalogue={"limited": LIMITED, "page": PAGE},
)


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        ({}, Shape.COMPACTION),
        ({"input": "hi"}, Shape.COMPACTION),
        ({"messages": []}, Shape.CHAT),
        ({"messages": [], "prompt": {}}, Shape.CHAT),
    ],
)
def test_the_body_decides_the_shape(body: JSONObject, shape: Shape) -> None:
    assert DIALECT.shape(Endpoint.COMPACT, body) is shape
    assert DIALECT.shape(Endpoint.CHAT, body) is None


def test_a_route_has_shapes() -> None:
    assert COMPACT.shapes == (Shape.COMPACTION, Shape.CHAT)
    assert DIALECT.route(Endpoint.COMPACT) is COMPACT
    assert DIALECT.route(Endpoint.RESPONSES) is None


def test_members_are_kept_in_the_dialects_order() -> None:
    assert list(DIALECT.keep("usage", {"input": 1, "more": 2, "total": 3}).items()) == [("total", 3), ("input", 1)]
    assert DIALECT.keep("usage", {"input": 1}) == {"input": 1}
    assert DIALECT.keep("other", {"more": 2}) == {"more": 2}


@pytest.mark.parametrize(
    ("kind", "member", "sent"), [("usage", "total", True), ("usage", "more", False), ("other", "more", True)]
)
def test_what_a_dialect_sends(kind: str, member: str, sent: bool) -> None:
    assert DIALECT.sends(kind, member) is sent


ANY = "The server had an error while processing your request."


def error(**members: object) -> ApiError:
    base: dict[str, object] = {"status": 500, "type": "server_error", "code": None, "param": None}
    return ApiError(**{"message": ANY, **base, **members})  # type: ignore[arg-type]


LIMIT = {"type": "tokens", "code": "limit", "headers": LIMITED.headers, "extra": {"plan": "plus"}}
ERRORS: dict[str, tuple[ErrorRef, Shape, str | None, ApiError]] = {
    "nothing given": (ErrorRef(), Shape.CHAT, None, error()),
    "members alone": (ErrorRef(members={"status": 418, "code": 7, "type": None, "message": "tea", "hint": "x"}),
        Shape.CHAT, None, error(status=418, code=7, type=None, message="tea", extra={"hint": "x"})),
    "by name": (ErrorRef(name="limited"), Shape.CHAT, "gpt-5.4",
        error(status=429, message="no more of gpt-5.4", **LIMIT)),
    "by name, in a shape of its own": (ErrorRef(name="limited"), Shape.RESPONSES, None,
        error(status=400, param="input", message="no more of unknown", **LIMIT)),
    "by name, overridden": (ErrorRef(name="limited", members={"message": "stop", "code": None, "status": "x"}),
        Shape.CHAT, None, error(status=500, message="stop", **{**LIMIT, "code": None})),
    "a page": (ErrorRef(name="page"), Shape.CHAT, None, error(status=502, message="bad", html="<html>")),
    "a page with another status": (ErrorRef(name="page", members={"status": 503}), Shape.CHAT, None,
        error(status=503, message="bad", html="<html>")),
    "a page's name with a message": (ErrorRef(name="page", members={"message": "worse"}), Shape.CHAT, None,
        error(status=502, message="worse")),
}  # fmt: skip


@pytest.mark.parametrize(("ref", "shape", "model", "expected"), ERRORS.values(), ids=ERRORS)
def test_errors_are_resolved(ref: ErrorRef, shape: Shape, model: str | None, expected: ApiError) -> None:
    assert DIALECT.error(ref, shape, model) == expected


def test_an_unknown_error_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="no_such"):
        DIALECT.error(ErrorRef(name="no_such"), Shape.CHAT)


def test_dialects_are_the_same_when_they_are_one_object() -> None:
    assert Dialect(name="a") != Dialect(name="a")


def test_headers_are_found_in_any_case() -> None:
    headers = (("X-A", "1"), ("x-a", "2"), ("X-B", "3"))
    request = Request(method="POST", target="/", path="/", headers=headers)
    assert request.header("x-a") == "1"
    assert request.header("x-c") is None
    assert request.header_all("x-a") == ("1", "2")
