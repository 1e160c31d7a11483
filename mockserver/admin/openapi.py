"""The OpenAPI document of the admin API: every verb below `/__admin` and, with the same operations,
below `/sandbox/{sandbox}/__admin`."""

from __future__ import annotations

from mockserver import __version__
from mockserver.admin.verbs import PLACE, UPLOAD_TYPE, VERBS, Parameter, Verb
from mockserver.faults import place
from mockserver.model.json import JSON, JSONObject
from mockserver.model.settings import settings_schema

_TEXT: JSONObject = {"type": "string"}
_OBJECT: JSONObject = {"type": "object"}
_TYPES: dict[str, JSONObject] = {
    "text": _TEXT,
    "count": {"type": "integer", "minimum": 0},
    "whole": {"type": "integer"},
    "number": {"type": "number"},
    "flag": {"type": "boolean"},
    "object": _OBJECT,
    "pair": {"type": "array", "items": _TEXT, "minItems": 2, "maxItems": 2},
    "any": {},
}
# A schema a row: its members with their types, all required. `[text]` is a list, `text?` may be null, `a|b` are words,
# a capitalized type is a schema, and `*` adds the members that place a stub.
_PLACE = "scenario:text stub:text file:text line:count"
_ROWS = """
Health  status:ok| version:text sandboxes:count
Authority  ca:text
Error  error:text status:count
Problem  file:text line:count column:count key_path:text message:text rule:text?
Problems  error:text status:count problems:[Problem]
Sandbox  name:text url:text scenarios:[text] requests:count open:[count] settings:Settings
Stub  * on:[text] times:text? calls:count
Scenario  scenario:text about:text dialect:text origin:text stubs:[Stub]
Finding  rule:text path:text message:text event:text? grade:error|notice
Mismatch  path:text wanted:text got:text
NearMiss  * conditions:count mismatches:[Mismatch] used:count capacity:count?
Reply  status:count headers:[pair] body:text encoding:utf-8|base64
Request  method:text target:text path:text query:[pair] version:text headers:[pair] body:text encoding:utf-8|base64
Match  * call:count
PassedOver  * why:priority|order|used_up priority:whole used:count capacity:count?
Miss  near:[NearMiss]
Frames  count:count bytes:count events:[text] ending:text
Outcome  how:text frames:count sent:count seconds:number
Entry  number:count kind:call|side|garbage at_s:number
    received_at:number? received_time:text? clock_s:number reproducible:flag
    endpoint:text? model:text? parameters:object stream:flag status:count
    request:Request json:any match:Match? passed_over:[PassedOver] miss:Miss? findings:[Finding] frames:Frames?
    retry_after_s:number? reply:Reply? held:[text] outcome:Outcome? report:text
Journal  entries:[Entry] more:flag last:count open:[count] dropped:count contract:text
Found  entries:[Entry]
TimelineRow  at_s:number what:text size:count? shown:text fault:text?
Timeline  number:count faults:[text] rows:[TimelineRow]
Count  count:count
Gate  gate:count stub:text at:text open:flag held:[count]
Verdict  ok:flag report:text complaints:[object] fallbacks:[object] dropped:count
Sandboxes  sandboxes:[Sandbox]
Dropped  dropped:text
Scenarios  scenarios:[Scenario]
Loaded  scenario:text stubs:[text]
Unloaded  unloaded:[text]
Cleared  cleared:text
Gates  gates:[Gate]
Released  released:[count]
Reset  reset:text
Clock  clock:text time_s:number time:text
"""


def _schema(name: str) -> JSONObject:
    return {"$ref": f"#/components/schemas/{name}"}


def _type(text: str) -> JSONObject:
    if text.endswith("?"):
        return {"anyOf": [_type(text[:-1]), {"type": "null"}]}
    if text.startswith("["):
        return {"type": "array", "items": _type(text[1:-1])}
    if "|" in text:
        return {"enum": [word.replace("_", " ") for word in text.split("|") if word]}
    return _schema(text) if text[0].isupper() else _TYPES[text]


def _schemas() -> JSONObject:
    found: JSONObject = {"Settings": settings_schema(), "Object": _OBJECT}
    for row in _ROWS.replace("\n    ", " ").strip().splitlines():
        name, *members = row.replace("*", _PLACE).split()
        pairs = [member.split(":") for member in members]
        properties: JSONObject = {member: _type(text) for member, text in pairs}
        found[name] = {"type": "object", "properties": properties, "required": [*properties]}
    return found


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
    return {
        "openapi": "3.1.0",
        "info": {"title": "mockserver admin API", "version": __version__},
        "paths": {**paths},
        "components": {"schemas": _schemas()},
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
    parameters = [_parameter(one) for one in verb.parameters if one.where != "body"]
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
    return {"name": one.name, "in": one.where, "required": one.required, "schema": one.kind.schema}


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
        "application/json": {"schema": _OBJECT},
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
                    "scenario": {"anyOf": [_NOT_BLANK, _OBJECT]},
                    "files": {"type": "object", "additionalProperties": _TEXT},
                },
                "required": ["scenario"],
            }
        },
    },
}
