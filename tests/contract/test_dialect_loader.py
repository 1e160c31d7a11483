"""Dialects built from data, one on top of the other; and what is wrong in such data."""

from __future__ import annotations

import pytest

from tests.kit import (
    ENDPOINTS,
    JSON,
    CatalogueEntry,
    ChatStyle,
    Credential,
    Dialect,
    DialectDataError,
    Endpoint,
    JSONObject,
    LazyReplyValidator,
    ResponsesStyle,
    Route,
    Shape,
    build,
)

CHAT_PATH = "/v1/chat/completions"
ROUTE: JSONObject = {"endpoint": "chat", "shape": "chat"}
SCHEMAS: dict[str, JSON] = {"own-chat.json": {"type": "object", "required": ["model"]}}
FULL: JSONObject = {
    "dialect": "own",
    "about": "a gateway",
    "extends": "openai",
    "routes": {CHAT_PATH: ROUTE,
        "/v1/responses/compact": {"endpoint": "compact", "shape": "compaction", "by_member": {"messages": "chat"}}},
    "members": {"usage.chat": ["prompt_tokens", "total_tokens"]},
    "chunks": "word",
    "chat": {"role": "joined", "usage": "finish", "error": "chunk", "reasoning": "reasoning", "comment": "wait",
        "first": {"choices": []}, "obfuscation": True},
    "responses": {"done": True, "event_lines": False, "obfuscation": True},
    "headers": {"X-Id": "{request_id}", "server": "own"},
    "credentials": [{"header": "Authorization", "scheme": "Bearer"}, {"header": "X-Api-Key"}],
    "envelope": {"detail": "$message"},
    "models": ["m-1", {"id": "m-2", "object": "own.model", "created": 7}],
    "models_closed": True,
    "errors": {"busy": {"about": "later", "status": 503, "type": "busy", "code": None, "message": "try later",
        "extra": {"plan": "x"}, "headers": {"retry-after": "1"}, "chat": {"param": "messages"},
        "responses": {"status": 429, "param": "input"}}, "page": {"status": 502, "html": "<html>"}},
    "contract": {},
    "requests": {"chat": "own-chat.json"},
}  # fmt: skip


def built(data: JSONObject, base: Dialect | None = None) -> Dialect:
    return build(data, base, SCHEMAS)


BASE = built(FULL)


def test_every_key_of_a_dialect() -> None:
    assert (BASE.name, BASE.about) == ("own", "a gateway")
    assert BASE.routes == (
        Route(path=CHAT_PATH, endpoint=Endpoint.CHAT, shape=Shape.CHAT),
        Route(
            path="/v1/responses/compact",
            endpoint=Endpoint.COMPACT,
            shape=Shape.COMPACTION,
            by_member=(("messages", Shape.CHAT),),
        ),
    )
    assert BASE.members == {"usage.chat": ("prompt_tokens", "total_tokens")}
    assert BASE.chunks == "word"
    assert BASE.chat == ChatStyle(
        role="joined",
        usage="finish",
        error="chunk",
        reasoning="reasoning",
        comment="wait",
        first={"choices": []},
        obfuscation=True,
    )
    assert BASE.responses == ResponsesStyle(done=True, event_lines=False, obfuscation=True)
    assert BASE.headers == (("X-Id", "{request_id}"), ("server", "own"))
    assert BASE.credentials == (Credential(header="authorization", scheme="Bearer"), Credential(header="x-api-key"))
    assert BASE.envelope == {"detail": "$message"}
    assert BASE.models == ({"id": "m-1", "object": "model"}, {"id": "m-2", "object": "own.model", "created": 7})
    assert BASE.models_closed
    assert BASE.catalogue == {
        "busy": CatalogueEntry(
            name="busy",
            about="later",
            status=503,
            members={"type": "busy", "code": None, "message": "try later", "plan": "x"},
            headers=(("retry-after", "1"),),
            shapes={"chat": {"param": "messages"}, "responses": {"status": 429, "param": "input"}},
        ),
        "page": CatalogueEntry(name="page", about="", status=502, members={}, html="<html>"),
    }
    assert isinstance(BASE.replies, LazyReplyValidator)
    assert BASE.requests is not None
    [refusal] = BASE.requests.judge(Endpoint.CHAT, {}, strict=False)
    assert refusal.error.param == "model"


def test_a_name_is_enough() -> None:
    assert built({"dialect": "bare"}).routes == ENDPOINTS.routes
    assert built({"dialect": "bare"}).replies is None


def test_what_is_left_out_is_the_bases() -> None:
    child = built({"dialect": "child"}, BASE)
    for field in ("about", "routes", "members", "chat", "responses", "headers", "credentials"):
        assert getattr(child, field) == getattr(BASE, field)
    assert child.name == "child"
    assert child.replies == BASE.replies
    assert child.requests is BASE.requests


LAID: dict[str, tuple[JSONObject, str, object]] = {
    "routes replace all": ({"routes": {"/v1/responses": {"endpoint": "responses", "shape": "chat"}}}, "routes",
        (Route(path="/v1/responses", endpoint=Endpoint.RESPONSES, shape=Shape.CHAT),)),
    "a member list is added": ({"members": {"chat.message": ["role"]}}, "members",
        {"usage.chat": ("prompt_tokens", "total_tokens"), "chat.message": ("role",)}),
    "a member list is taken away": ({"members": {"usage.chat": None, "never": None}}, "members", {}),
    "another cut": ({"chunks": "token"}, "chunks", "token"),
    "a cut by size": ({"chunks": 4}, "chunks", 4),
    "the base's cut": ({}, "chunks", "word"),
    "one word of a style": ({"chat": {"role": "every"}}, "chat", ChatStyle(role="every", usage="finish", error="chunk",
        reasoning="reasoning", comment="wait", first={"choices": []}, obfuscation=True)),
    "one flag of a style": ({"responses": {"done": False}}, "responses",
        ResponsesStyle(done=False, event_lines=False, obfuscation=True)),
    "a header is replaced, whatever its case": ({"headers": {"x-id": "1", "via": "x"}}, "headers",
        (("x-id", "1"), ("server", "own"), ("via", "x"))),
    "a header is taken away": ({"headers": {"SERVER": None, "never": None}}, "headers", (("X-Id", "{request_id}"),)),
    "an error is replaced": ({"errors": {"busy": {"status": 529}, "page": None, "never": None}}, "catalogue",
        {"busy": CatalogueEntry(name="busy", about="", status=529, members={})}),
    "models are replaced": ({"models": []}, "models", ()),
}  # fmt: skip


@pytest.mark.parametrize(("given", "field", "value"), LAID.values(), ids=LAID)
def test_changes_to_a_base_dialect(given: JSONObject, field: str, value: object) -> None:
    assert getattr(built({"dialect": "child", **given}, BASE), field) == value


def test_a_contract_lies_over_the_bases() -> None:
    changes: JSONObject = {"kinds": {"usage.chat": {"required": {"cost": "number"}}}}
    child = built({"dialect": "child", "contract": changes}, BASE)
    assert isinstance(child.replies, LazyReplyValidator)
    assert isinstance(BASE.replies, LazyReplyValidator)
    assert child.replies.contract != BASE.replies.contract
    grandchild = built({"dialect": "grandchild", "contract": {}}, child)
    assert isinstance(grandchild.replies, LazyReplyValidator)
    assert grandchild.replies.contract == child.replies.contract


ROUTED = ", ".join(one for one in ENDPOINTS.names if ENDPOINTS[one].routes)
EXPECTED_SHAPE = "expected one of chat, responses, compaction, got"
WRONG: dict[str, tuple[JSON, str, str]] = {
    "no mapping": ([], "", "expected a mapping, got a list of 0"),
    "no name": ({}, "dialect", "expected a string, got null"),
    "an unknown key": ({"dialect": "x", "route": {}}, "route", "unknown key; did you mean 'routes'?"),
    "a text that is none": ({"dialect": "x", "about": 7}, "about", "expected a string, got 7"),
    "a route elsewhere": ({"dialect": "x", "routes": {"chat": ROUTE}}, "routes.chat", "a path begins with /"),
    "a route of no endpoint": ({"dialect": "x", "routes": {CHAT_PATH: {"shape": "chat"}}},
        f"routes.{CHAT_PATH}.endpoint", f"expected one of {ROUTED}, got null"),
    "a route of no shape": ({"dialect": "x", "routes": {CHAT_PATH: {"endpoint": "chat", "shape": "cloud"}}},
        f"routes.{CHAT_PATH}.shape", f"{EXPECTED_SHAPE} 'cloud'"),
    "a route with a word too many": ({"dialect": "x", "routes": {CHAT_PATH: {**ROUTE, "shap": "chat"}}},
        f"routes.{CHAT_PATH}.shap", "unknown key; did you mean 'shape'?"),
    "a shape by member that is none": ({"dialect": "x", "routes": {CHAT_PATH: {**ROUTE, "by_member": {"input": 7}}}},
        f"routes.{CHAT_PATH}.by_member.input", f"{EXPECTED_SHAPE} 7"),
    "two routes of an endpoint that differ in shape": ({"dialect": "x", "routes": {CHAT_PATH: ROUTE,
        "/v1/other": {**ROUTE, "shape": "responses"}}}, "routes./v1/other.shape",
        f"every route of chat replies in the shapes of its first, {CHAT_PATH}"),
    "members that are no list": ({"dialect": "x", "members": {"response": "id"}}, "members.response",
        "expected a list, got 'id'"),
    "a member that is no text": ({"dialect": "x", "members": {"response": ["id", 7]}}, "members.response[1]",
        "expected a string, got 7"),
    "a cut that is none": ({"dialect": "x", "chunks": "words"}, "chunks",
        "expected token, word, char or a number of characters, got 'words'"),
    "a cut into nothing": ({"dialect": "x", "chunks": 0}, "chunks",
        "expected token, word, char or a number of characters, got 0"),
    "a cut by truth": ({"dialect": "x", "chunks": True}, "chunks",
        "expected token, word, char or a number of characters, got true"),
    "an unknown style": ({"dialect": "x", "chat": {"roles": "own"}}, "chat.roles", "unknown key; did you mean 'role'?"),
    "a word that a style does not have": ({"dialect": "x", "chat": {"usage": "always"}}, "chat.usage",
        "expected one of own, finish, every, running, never, got 'always'"),
    "a first chunk that is none": ({"dialect": "x", "chat": {"first": []}}, "chat.first",
        "expected a mapping, got a list of 0"),
    "a flag that is none": ({"dialect": "x", "chat": {"obfuscation": 1}}, "chat.obfuscation",
        "expected true or false, got 1"),
    "a comment that is none": ({"dialect": "x", "chat": {"comment": True}}, "chat.comment",
        "expected a string, got true"),
    "an unknown style of responses": ({"dialect": "x", "responses": {"zebra": True}}, "responses.zebra",
        "unknown key; known are done, event_lines, obfuscation"),
    "a header that is no text": ({"dialect": "x", "headers": {"a": 1}}, "headers.a", "expected a string, got 1"),
    "an error without status": ({"dialect": "x", "errors": {"busy": {}}}, "errors.busy.status",
        "expected an HTTP status, got null"),
    "an error with a status that is none": ({"dialect": "x", "errors": {"busy": {"status": True}}},
        "errors.busy.status", "expected an HTTP status, got true"),
    "an error with a word too many": ({"dialect": "x", "errors": {"busy": {"status": 503, "kode": 1}}},
        "errors.busy.kode", "unknown key; did you mean 'code'?"),
    "an error's header that is no text":
        ({"dialect": "x", "errors": {"busy": {"status": 503, "headers": {"retry-after": 1}}}},
        "errors.busy.headers.retry-after", "expected a string, got 1"),
    "what differs in a shape, with a word too many":
        ({"dialect": "x", "errors": {"busy": {"status": 503, "chat": {"html": "x"}}}}, "errors.busy.chat.html",
        "unknown key; known are code, message, param, status, type"),
    "a status of a shape that is none": ({"dialect": "x", "errors": {"busy": {"status": 503, "chat": {"status": 99}}}},
        "errors.busy.chat.status", "expected an HTTP status, got 99"),
    "a page that is no text": ({"dialect": "x", "errors": {"busy": {"status": 503, "html": 7}}}, "errors.busy.html",
        "expected a string, got 7"),
    "a credential without header": ({"dialect": "x", "credentials": [{"scheme": "Bearer"}]}, "credentials[0].header",
        "expected a string, got null"),
    "a credential with a word too many": ({"dialect": "x", "credentials": [{"header": "a", "schema": "Bearer"}]},
        "credentials[0].schema", "unknown key; did you mean 'scheme'?"),
    "an envelope that is no mapping": ({"dialect": "x", "envelope": "$message"}, "envelope",
        "expected a mapping, got '$message'"),
    "a model without id": ({"dialect": "x", "models": ["m", {"object": "model"}]}, "models[1].id",
        "expected a string, got null"),
    "a contract of no table": ({"dialect": "x", "contract": {"colour": "red"}}, "contract.colour",
        "unknown key; known are chat, forgives, kinds, responses, values"),
    "requests of an unknown form": ({"dialect": "x", "requests": {"chats": "own-chat.json"}}, "requests.chats",
        "unknown key; did you mean 'chat'?"),
    "requests of no file": ({"dialect": "x", "requests": {"chat": "own-chats.json"}}, "requests.chat",
        "no schema file 'own-chats.json'; did you mean 'own-chat.json'?"),
    "requests without a rule that is none": ({"dialect": "x",
        "requests": {"chat": "own-chat.json", "without": ["no.such.rule"]}}, "requests", "no.such.rule"),
    "requests without what is no list": ({"dialect": "x", "requests": {"without": "x"}}, "requests.without",
        "expected a list, got 'x'"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "key_path", "message"), WRONG.values(), ids=WRONG)
def test_wrong_dialect_data_is_reported_with_its_key_path(data: JSON, key_path: str, message: str) -> None:
    with pytest.raises(DialectDataError) as caught:
        build(data, None, SCHEMAS)
    assert caught.value.key_path == key_path
    assert message in caught.value.message
    assert str(caught.value) == (f"{key_path}: " if key_path else "") + caught.value.message


def test_schemas_are_needed_only_for_requests() -> None:
    with pytest.raises(DialectDataError, match="known are"):
        build({"dialect": "x", "requests": {"chat": "a.json"}})
