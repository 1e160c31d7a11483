"""The OpenAPI document of the control routes; `{sandbox}` variants have the same operations."""

from __future__ import annotations

from mockserver import __version__
from mockserver.faults.place import PLACE
from mockserver.model.json import JSON, JSONObject
from mockserver.model.settings import ContractMode, UnmatchedPolicy

_TEXT: JSONObject = {"type": "string"}
_COUNT: JSONObject = {"type": "integer", "minimum": 0}
# In a path or a query, where it has at most fifteen digits.
_NUMBER: JSONObject = {"type": "integer", "minimum": 0, "maximum": 10**15 - 1}
_FLAG: JSONObject = {"type": "boolean"}


def _object(**members: JSON) -> JSONObject:
    return {"type": "object", "properties": dict(members), "required": list(members)}


def _list(of: JSONObject) -> JSONObject:
    return {"type": "array", "items": of}


def _nullable(of: JSONObject) -> JSONObject:
    return {"anyOf": [of, {"type": "null"}]}


def _schema(name: str) -> JSONObject:
    return {"$ref": f"#/components/schemas/{name}"}


_OPEN: JSONObject = {"type": "object"}
_PAIRS = _list({"type": "array", "items": _TEXT, "minItems": 2, "maxItems": 2})
_MISMATCH = _object(path=_TEXT, wanted=_TEXT, got=_TEXT)
_PLACE: dict[str, JSON] = {"scenario": _TEXT, "stub": _TEXT, "file": _TEXT, "line": _COUNT}
_SETTINGS: JSONObject = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "contract": {"enum": [one.value for one in ContractMode]},
        "strict": _FLAG,
        "unmatched": {"enum": [one.value for one in UnmatchedPolicy]},
        "keys": _list(_TEXT),
        "time_scale": {"type": "number", "minimum": 0, "exclusiveMaximum": 1_000_000},
        "body_limit": _COUNT,
        "journal_limit": _COUNT,
        "request_limit": _COUNT,
    },
}
_SCHEMAS: JSONObject = {
    "Health": _object(status={"const": "ok"}, version=_TEXT, sandboxes=_COUNT),
    "Error": _object(error=_TEXT, status=_COUNT),
    "Problem": _object(
        file=_TEXT,
        line=_COUNT,
        column=_COUNT,
        key_path=_TEXT,
        message=_TEXT,
        rule=_nullable(_TEXT),
    ),
    "Problems": _object(error=_TEXT, status=_COUNT, problems=_list(_schema("Problem"))),
    "Settings": _SETTINGS,
    "Sandbox": _object(
        name=_TEXT,
        url=_TEXT,
        scenarios=_list(_TEXT),
        requests=_COUNT,
        open=_list(_COUNT),
        settings=_schema("Settings"),
    ),
    "NewSandbox": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "pattern": "^[A-Za-z0-9._~-]{1,200}$"},
            "scenarios": _FLAG,
            "settings": _schema("Settings"),
        },
    },
    "Scenario": _object(
        scenario=_TEXT,
        about=_TEXT,
        dialect=_TEXT,
        origin=_TEXT,
        stubs=_list(
            _object(**_PLACE, on=_list(_TEXT), times=_nullable(_TEXT), calls=_COUNT),
        ),
    ),
    "Finding": _object(
        rule=_TEXT,
        path=_TEXT,
        message=_TEXT,
        event=_nullable(_TEXT),
        severity={"enum": ["error", "notice"]},
    ),
    "NearMiss": _object(
        **_PLACE,
        conditions=_COUNT,
        mismatches=_list(_MISMATCH),
        used=_COUNT,
        capacity=_nullable(_COUNT),
    ),
    "Request": _object(
        method=_TEXT,
        target=_TEXT,
        path=_TEXT,
        query=_PAIRS,
        version=_TEXT,
        headers=_PAIRS,
        body=_TEXT,
        encoding={"enum": ["utf-8", "base64"]},
    ),
    "Entry": _object(
        number=_COUNT,
        kind={"enum": ["call", "side", "garbage"]},
        at_s={"type": "number"},
        endpoint=_nullable(_TEXT),
        model=_nullable(_TEXT),
        stream=_FLAG,
        status=_COUNT,
        request=_schema("Request"),
        json={},
        match=_nullable(_object(**_PLACE, call=_COUNT)),
        passed_over=_list(
            _object(
                **_PLACE,
                why={"enum": ["priority", "order", "used up"]},
                priority={"type": "integer"},
                used=_COUNT,
                capacity=_nullable(_COUNT),
            )
        ),
        miss=_nullable(_object(near=_list(_schema("NearMiss")))),
        findings=_list(_schema("Finding")),
        frames=_nullable(_object(count=_COUNT, bytes=_COUNT, events=_list(_TEXT), ending=_TEXT)),
        held=_list(_TEXT),
        outcome=_nullable(
            _object(how=_TEXT, frames=_COUNT, sent=_COUNT, seconds={"type": "number"})
        ),
        report=_TEXT,
    ),
    "Journal": _object(
        entries=_list(_schema("Entry")),
        more=_FLAG,
        last=_COUNT,
        open=_list(_COUNT),
        dropped=_COUNT,
    ),
    "Gate": _object(gate=_COUNT, stub=_TEXT, at=_TEXT, open=_FLAG, held=_list(_COUNT)),
    "NewGate": {
        "type": "object",
        "additionalProperties": False,
        "properties": {"stub": _TEXT, "at": PLACE.schema},
        "required": ["stub"],
    },
    "Release": {
        "type": "object",
        "additionalProperties": False,
        "properties": {"requests": _list(_COUNT)},
    },
    "Verify": {
        "type": "object",
        "additionalProperties": False,
        "properties": {"allow": _list({"enum": ["unmatched", "findings", "counts"]})},
    },
    "Verdict": _object(ok=_FLAG, report=_TEXT, complaints=_list(_OPEN), dropped=_COUNT),
}


def _told(about: str, schema: JSONObject) -> JSONObject:
    return {"description": about, "content": {"application/json": {"schema": schema}}}


_REFUSALS: JSONObject = {
    "400": _told("The request says something that cannot be.", _schema("Error")),
    "401": _told("The admin token is missing.", _schema("Error")),
    "403": _told("A web page of another origin asks.", _schema("Error")),
    "404": _told("There is no such thing.", _schema("Error")),
    "410": _told("The sandbox was dropped.", _schema("Error")),
    "413": _told("The body is too large.", _schema("Error")),
    "503": _told("There are too many sandboxes.", _schema("Error")),
}


def _operation(
    name: str,
    about: str,
    good: JSONObject,
    *,
    status: int = 200,
    refusals: JSONObject | None = None,
    **more: JSON,
) -> JSONObject:
    responses: JSONObject = {str(status): _told("Done.", good), **_REFUSALS, **(refusals or {})}
    return {"operationId": name, "summary": about, "responses": responses, **more}


def _parameter(name: str, where: str, schema: JSONObject) -> JSONObject:
    return {"name": name, "in": where, "required": where == "path", "schema": schema}


def _json_body(schema: JSONObject, *, required: bool = False) -> JSONObject:
    return {"required": required, "content": {"application/json": {"schema": schema}}}


_SAID: JSONObject = {"type": "string", "pattern": r"\S"}
_UPLOAD: JSONObject = {
    "required": True,
    "content": {
        "application/yaml": {"schema": _SAID},
        "application/json": {"schema": _OPEN},
        # The scenario and, named by their paths beside it, the dialect files that it names.
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {"scenario": _SAID},
                "required": ["scenario"],
                "propertyNames": {"pattern": "^[!-~]([ -~]*[!-~])?$"},
                "additionalProperties": _TEXT,
            }
        },
    },
}
_REVEAL = _parameter("reveal", "query", {"enum": ["true", "false"]})
_GATE = _parameter("gate", "path", _NUMBER)
_RELEASED = _object(released=_list(_COUNT))
_ROUTES: dict[str, dict[str, JSONObject]] = {
    "health": {"get": _operation("health", "Whether the server answers.", _schema("Health"))},
    "openapi.json": {"get": _operation("openapi", "This document.", _OPEN)},
    "sandboxes": {
        "get": _operation(
            "list_sandboxes", "Every sandbox.", _object(sandboxes=_list(_schema("Sandbox")))
        ),
        "post": _operation(
            "create_sandbox",
            "Make a sandbox, empty unless it asks for the server's scenarios.",
            _schema("Sandbox"),
            status=201,
            requestBody=_json_body(_schema("NewSandbox")),
            refusals={"409": _told("The name is taken.", _schema("Error"))},
        ),
        "delete": _operation("drop_sandbox", "Drop this sandbox.", _object(dropped=_TEXT)),
    },
    "sandboxes/{name}": {
        "get": _operation(
            "get_sandbox",
            "One sandbox.",
            _schema("Sandbox"),
            parameters=[_parameter("name", "path", _TEXT)],
        ),
        "delete": _operation(
            "drop_named_sandbox",
            "Drop one sandbox.",
            _object(dropped=_TEXT),
            parameters=[_parameter("name", "path", _TEXT)],
        ),
    },
    "scenarios": {
        "get": _operation(
            "list_scenarios",
            "What is loaded, with how often each stub has answered.",
            _object(scenarios=_list(_schema("Scenario"))),
        ),
        "post": _operation(
            "load_scenario",
            "Load a scenario; one of an equal name is replaced. A bad one changes nothing.",
            _object(scenario=_TEXT, stubs=_list(_TEXT)),
            status=201,
            parameters=[
                _parameter("origin", "query", _TEXT),
                _parameter(
                    "line", "query", {"type": "integer", "minimum": 1, "maximum": 10**8 - 1}
                ),
            ],
            requestBody=_UPLOAD,
            refusals={"422": _told("The scenario has problems.", _schema("Problems"))},
        ),
        "delete": _operation(
            "unload_scenarios", "Unload everything.", _object(unloaded=_list(_TEXT))
        ),
    },
    "scenarios/{name}": {
        "delete": _operation(
            "unload_scenario",
            "Unload one scenario.",
            _object(unloaded=_list(_TEXT)),
            parameters=[_parameter("name", "path", _TEXT)],
        ),
    },
    "journal": {
        "get": _operation(
            "journal",
            "Exchanges in order, credentials masked unless revealed.",
            _schema("Journal"),
            parameters=[
                _parameter("after", "query", _NUMBER),
                _parameter("limit", "query", _NUMBER),
                _REVEAL,
            ],
        ),
        "delete": _operation("clear_journal", "Forget every exchange.", _object(cleared=_TEXT)),
    },
    "journal/{number}": {
        "get": _operation(
            "journal_entry",
            "One exchange.",
            _schema("Entry"),
            parameters=[_parameter("number", "path", _NUMBER), _REVEAL],
        ),
    },
    "gates": {
        "get": _operation(
            "list_gates",
            "Every gate, with the numbers of the exchanges that wait at it.",
            _object(gates=_list(_schema("Gate"))),
        ),
        "post": _operation(
            "add_gate",
            "Hold the replies of a stub at a place, by default before their first byte.",
            _schema("Gate"),
            status=201,
            requestBody=_json_body(_schema("NewGate"), required=True),
        ),
        "delete": _operation("clear_gates", "Open and forget every gate.", _RELEASED),
    },
    "gates/{gate}": {
        "get": _operation("get_gate", "One gate.", _schema("Gate"), parameters=[_GATE]),
        "delete": _operation(
            "remove_gate", "Open and forget one gate.", _RELEASED, parameters=[_GATE]
        ),
    },
    "gates/{gate}/release": {
        "post": _operation(
            "release",
            "Let some exchanges go on, or, where none are named, all of them and those to come.",
            _RELEASED,
            parameters=[_GATE],
            requestBody=_json_body(_schema("Release")),
        ),
    },
    "verify": {
        "post": _operation(
            "verify",
            "What journal and counts say: `ok` when there is nothing to complain about.",
            _schema("Verdict"),
            requestBody=_json_body(_schema("Verify")),
        ),
    },
    "reset": {
        "post": _operation("reset", "Return to the state of creation.", _object(reset=_TEXT)),
    },
}


def _of_sandbox(operation: JSONObject) -> JSONObject:
    given = operation.get("parameters", [])
    inner = given if isinstance(given, list) else []
    return {
        **operation,
        "operationId": f"sandbox_{operation['operationId']}",
        "parameters": [_parameter("sandbox", "path", _TEXT), *inner],
    }


def _paths() -> JSONObject:
    paths: JSONObject = {}
    for path, operations in _ROUTES.items():
        paths[f"/__admin/{path}"] = {**operations}
        paths[f"/sandbox/{{sandbox}}/__admin/{path}"] = {
            method: _of_sandbox(operation) for method, operation in operations.items()
        }
    return paths


OPENAPI: JSONObject = {
    "openapi": "3.1.0",
    "info": {"title": "mockserver control routes", "version": __version__},
    "paths": _paths(),
    "components": {"schemas": _SCHEMAS},
}
