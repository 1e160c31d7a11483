"""Names, the registry of endpoints, and the routing table."""

from __future__ import annotations

import pytest

from tests.kit import (
    ENDPOINTS,
    SHAPES,
    Endpoint,
    EndpointSpec,
    Registry,
    RequestForm,
    Route,
    RoutingTable,
    Shape,
    path_problem,
)

E = Endpoint("e")
S = Shape("s")


def route(path: str, *methods: str, endpoint: str = "e") -> Route:
    return Route(path=path, endpoint=Endpoint(endpoint), shape=S, methods=methods or ("POST",))


def test_a_name_is_a_string() -> None:
    assert Endpoint("chat") == Endpoint.CHAT == "chat"
    assert hash("chat") == hash(Endpoint.CHAT)
    assert type(Endpoint.CHAT.value) is type(Shape.CHAT.value) is str
    assert f"{Shape.CHAT}" == "chat"


def test_what_comes_with_the_package_is_registered_at_the_first_lookup() -> None:
    stored = tuple(f"responses.{what}" for what in ("retrieve", "delete", "cancel", "input_items", "input_tokens"))
    assert ENDPOINTS.names == ("chat", "responses", "compact", "models", "path", *stored)
    assert ENDPOINTS.scripted == ("chat", "responses", "compact")
    assert SHAPES.names == ("chat", "responses", "compaction", "exact")
    own = ["/v1/chat/completions", "/v1/responses", "/v1/responses/compact"]
    assert [one.path for one in ENDPOINTS.routes if not ENDPOINTS[one.endpoint].stateful] == own
    assert [one.endpoint for one in ENDPOINTS.routes[3:]] == [*stored]
    assert [one.path for one in ENDPOINTS.built_in] == ["/v1/models", "/v1/models/{+model}"]


def test_forms_of_request_bodies_have_names() -> None:
    assert ENDPOINTS.form_names == ("chat", "responses", "compact", "compact-messages")
    assert ENDPOINTS.form("chat").foreign["input"] == "messages"
    with pytest.raises(KeyError):
        ENDPOINTS.form("none")


def test_a_body_decides_the_order_of_its_forms() -> None:
    compact = ENDPOINTS[Endpoint.COMPACT]
    assert compact.form_names({"messages": []}) == ("compact-messages", "compact")
    assert compact.form_names({}) == ("compact", "compact-messages")
    spec = EndpointSpec(name=E, routes=(), forms=(RequestForm(name="a"), RequestForm(name="b")))
    assert spec.form_names({}) == ("a", "b")


@pytest.fixture
def registry() -> Registry[Endpoint, int]:
    return Registry("mockserver.endpoints")


def test_entries_are_found_in_the_order_of_registration(registry: Registry[Endpoint, int]) -> None:
    registry.add(Endpoint("b"), 1)
    registry.add(Endpoint("a"), 2)
    assert registry.names == ("b", "a")
    assert list(registry) == [1, 2]
    assert registry["a"] == 2
    assert registry.get("c") is None
    with pytest.raises(KeyError):
        registry["c"]


def test_a_name_is_taken_until_it_is_removed(registry: Registry[Endpoint, int]) -> None:
    registry.add(E, 1)
    with pytest.raises(ValueError, match="'e' is registered already"):
        registry.add(E, 2)
    registry.remove(E)
    registry.remove(E)
    registry.add(E, 2)
    assert registry[E] == 2


TABLE = RoutingTable(
    (
        route("/v1/a", endpoint="first"),
        route("/v1/a", "POST", "GET", endpoint="second"),
        route("/v1/a/{id}", "GET", "DELETE", endpoint="one"),
        route("/v1/a/new", "GET", endpoint="literal"),
        route("/v1/a/{id}/parts/{part}", "GET", endpoint="part"),
        route("/v1/files/{+path}", "GET", endpoint="file"),
        route("/deployments/{model}/a.b", endpoint="deployed"),
    )
)


@pytest.mark.parametrize(
    ("method", "path", "endpoint", "parameters"),
    [
        ("POST", "/v1/a", "first", {}),
        ("POST", "/a", "first", {}),
        ("POST", "/v1/a/", "first", {}),
        ("GET", "/v1/a", "second", {}),
        ("GET", "/v1/a/7", "one", {"id": "7"}),
        ("DELETE", "/a/7/", "one", {"id": "7"}),
        ("GET", "/v1/a/new", "literal", {}),
        ("GET", "/a/x y/parts/2", "part", {"id": "x y", "part": "2"}),
        ("GET", "/v1/files/a/b/c", "file", {"path": "a/b/c"}),
        ("POST", "/deployments/m/a.b", "deployed", {"model": "m"}),
    ],
)
def test_a_request_finds_its_route(method: str, path: str, endpoint: str, parameters: dict[str, str]) -> None:
    found = TABLE.find(method, path)
    assert found is not None
    assert (found[0].endpoint, found[1]) == (endpoint, parameters)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/a"), ("DELETE", "/v1/a/new"), ("GET", "/v1/a/7/parts"), ("GET", "/v1/files/"),
        ("POST", "/deployments/m/aXb"), ("GET", "/"), ("GET", ""),
    ],
)  # fmt: skip
def test_other_requests_find_none(method: str, path: str) -> None:
    assert TABLE.find(method, path) is None


def test_a_path_has_methods() -> None:
    assert TABLE.methods("/v1/a") == ("POST", "GET")
    assert TABLE.methods("/a/7") == ("GET", "DELETE")
    assert TABLE.methods("/b") == ()


def test_a_route_has_parameters() -> None:
    assert route("/v1/a/{id}/{+rest}").parameters == ("id", "rest")
    assert route("/v1/a").parameters == ()


@pytest.mark.parametrize("path", ["/v1/a", "/openai/deployments/{model}/chat", "/a/{b}/{+c}"])
def test_a_path_can_be_a_route(path: str) -> None:
    assert path_problem(path) is None
    assert RoutingTable((route(path),)).methods(path) == ("POST",)


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("v1/a", "begins with /"), ("", "begins with /"), ("/a/{b}/{b}", "each name once"),
        ("/a/{b", "path parameters are"), ("/a/b}", "path parameters are"), ("/a/{1}", "path parameters are"),
        ("/a/{}", "path parameters are"),
    ],
)  # fmt: skip
def test_a_path_cannot_be_a_route(path: str, problem: str) -> None:
    assert problem in (path_problem(path) or "")
