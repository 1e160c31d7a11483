"""The OpenAPI document of the admin API: every verb below `/__admin` and, with the same operations,
below `/sandbox/{sandbox}/__admin`."""

from __future__ import annotations

from mockserver import __version__
from mockserver.admin.verbs import PLACE, UPLOAD_TYPE, VERBS, Parameter, Verb, Where
from mockserver.faults import place
from mockserver.model.json import JSON, JSONObject
from mockserver.model.settings import settings_schema

_TEXT: JSONObject = {"type": "string"}
_COUNT: JSONObject = {"type": "integer", "minimum": 0}
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
_SCHEMAS: dict[str, JSON] = {
    "Health": _object(status={"const": "ok"}, version=_TEXT, sandboxes=_COUNT),
    "Error": _object(error=_TEXT, status=_COUNT),
    "Problem": _object(file=_TEXT, line=_COUNT, column=_COUNT, key_path=_TEXT, message=_TEXT, rule=_nullable(_TEXT)),
    "Problems": _object(error=_TEXT, status=_COUNT, problems=_list(_schema("Problem"))),
    "Sandbox": _object(
        name=_TEXT, url=_TEXT, scenarios=_list(_TEXT), requests=_COUNT, open=_list(_COUNT), settings=_schema("Settings")
    ),
    "Scenario": _object(
        scenario=_TEXT,
        about=_TEXT,
        dialect=_TEXT,
        origin=_TEXT,
        stubs=_list(_object(**_PLACE, on=_list(_TEXT), times=_nullable(_TEXT), calls=_COUNT)),
    ),
    "Finding": _object(
        rule=_TEXT, path=_TEXT, message=_TEXT, event=_nullable(_TEXT), severity={"enum": ["error", "notice"]}
    ),
    "NearMiss": _object(
        **_PLACE, conditions=_COUNT, mismatches=_list(_MISMATCH), used=_COUNT, capacity=_nullable(_COUNT)
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
        outcome=_nullable(_object(how=_TEXT, frames=_COUNT, sent=_COUNT, seconds={"type": "number"})),
        report=_TEXT,
    ),
    "Journal": _object(entries=_list(_schema("Entry")), more=_FLAG, last=_COUNT, open=_list(_COUNT), dropped=_COUNT),
    "Gate": _object(gate=_COUNT, stub=_TEXT, at=_TEXT, open=_FLAG, held=_list(_COUNT)),
    "Verdict": _object(ok=_FLAG, report=_TEXT, complaints=_list(_OPEN), dropped=_COUNT),
    "Object": _OPEN,
    "Sandboxes": _object(sandboxes=_list(_schema("Sandbox"))),
    "Dropped": _object(dropped=_TEXT),
    "Scenarios": _object(scenarios=_list(_schema("Scenario"))),
    "Loaded": _object(scenario=_TEXT, stubs=_list(_TEXT)),
    "Unloaded": _object(unloaded=_list(_TEXT)),
    "Cleared": _object(cleared=_TEXT),
    "Gates": _object(gates=_list(_schema("Gate"))),
    "Released": _object(released=_list(_COUNT)),
    "Reset": _object(reset=_TEXT),
}

_REJECTIONS = {
    400: "The request is wrong.",
    401: "The admin token is missing.",
    403: "A web page of another origin calls.",
    404: "Not found.",
    410: "The sandbox was dropped.",
    413: "The body is too large.",
    503: "There are too many sandboxes.",
}


def openapi() -> JSONObject:
    """The document; its settings are those of the table."""
    paths: dict[str, dict[str, JSON]] = {}
    for prefix in ("", "/sandbox/{sandbox}"):
        for verb in VERBS:
            path = paths.setdefault(f"{prefix}/__admin/{verb.path}", {})
            path[verb.method.lower()] = _operation(verb, in_sandbox=bool(prefix))
    schemas: JSONObject = {"Settings": settings_schema(), **_SCHEMAS}
    return {
        "openapi": "3.1.0",
        "info": {"title": "mockserver admin API", "version": __version__},
        "paths": {**paths},
        "components": {"schemas": schemas},
    }


def _operation(verb: Verb, *, in_sandbox: bool) -> JSONObject:
    answers = {status: (about, "Error") for status, about in _REJECTIONS.items()}
    answers |= {verb.status: ("Done.", verb.returns), **verb.replies}
    operation: dict[str, JSON] = {
        "operationId": f"sandbox_{verb.name}" if in_sandbox else verb.name,
        "summary": verb.about,
        "responses": {
            str(status): {"description": about, "content": {"application/json": {"schema": _schema(name)}}}
            for status, (about, name) in sorted(answers.items())
        },
    }
    parameters = [_parameter(one) for one in verb.parameters if one.where is not Where.BODY]
    if in_sandbox:
        parameters.insert(0, {"name": "sandbox", "in": "path", "required": True, "schema": _TEXT})
    if parameters:
        operation["parameters"] = [*parameters]
    if verb.name == "load_scenario":
        operation["requestBody"] = _UPLOAD
    elif verb.body:
        operation["requestBody"] = _body(verb)
    return operation


def _parameter(one: Parameter) -> JSONObject:
    return {"name": one.name, "in": one.where.value, "required": one.required, "schema": one.kind.schema}


def _body(verb: Verb) -> JSONObject:
    required: list[JSON] = [one.name for one in verb.body if one.required]
    schema: dict[str, JSON] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {one.name: place.PLACE.schema if one.kind is PLACE else one.kind.schema for one in verb.body},
    }
    if required:
        schema["required"] = required
    return {"required": bool(required), "content": {"application/json": {"schema": schema}}}


_NOT_BLANK: JSONObject = {"type": "string", "pattern": r"\S"}
_UPLOAD: JSONObject = {
    "required": True,
    "content": {
        "application/yaml": {"schema": _NOT_BLANK},
        "application/json": {"schema": _OPEN},
        # The scenario and the dialect files that it names, by their paths relative to it.
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {"scenario": _NOT_BLANK},
                "required": ["scenario"],
                "propertyNames": {"pattern": "^[!-~]([ -~]*[!-~])?$"},
                "additionalProperties": _TEXT,
            }
        },
        UPLOAD_TYPE: {
            "schema": {
                "type": "object",
                "properties": {
                    "scenario": {"anyOf": [_NOT_BLANK, _OPEN]},
                    "files": {"type": "object", "additionalProperties": _TEXT},
                },
                "required": ["scenario"],
            }
        },
    },
}
