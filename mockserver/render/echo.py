"""What a response repeats of its request: parameters with their defaults, formats and tools."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.model.echo_style import EchoForm, EchoStyle
from mockserver.model.json import JSON, JSONObject
from mockserver.model.model_traits import ModelTraits

_NUMBER = (int, float)
# Integers up to here are exact as decimals.
_EXACT = 2**53
_RETENTION = "prompt_cache_retention"
# Request parameters that a response repeats: the types accepted, and the default.
_ECHOED: Mapping[str, tuple[tuple[type, ...], JSON]] = {
    "background": ((bool,), False),
    "frequency_penalty": (_NUMBER, 0.0),
    "instructions": ((str,), None),
    "max_output_tokens": ((int,), None),
    "max_tool_calls": ((int,), None),
    "parallel_tool_calls": ((bool,), True),
    "presence_penalty": (_NUMBER, 0.0),
    "previous_response_id": ((str,), None),
    "prompt_cache_key": ((str,), None),
    _RETENTION: ((str,), None),
    "safety_identifier": ((str,), None),
    "store": ((bool,), True),
    "temperature": (_NUMBER, 1.0),
    "top_logprobs": ((int,), 0),
    "top_p": (_NUMBER, 1.0),
    "truncation": ((str,), "disabled"),
    "user": ((str,), None),
}
_ORDER = (
    *("id", "object", "created_at", "status", "background", "completed_at", "error"),
    *("frequency_penalty", "incomplete_details", "instructions", "max_output_tokens"),
    *("max_tool_calls", "model", "output", "parallel_tool_calls", "presence_penalty"),
    *("previous_response_id", "prompt_cache_key", _RETENTION, "reasoning"),
    *("safety_identifier", "service_tier", "store", "temperature", "text", "tool_choice"),
    *("tools", "top_logprobs", "top_p", "truncation", "usage", "user", "metadata", "output_text"),
)


def echoed(body: JSONObject, style: EchoStyle, traits: ModelTraits) -> JSONObject:
    """The members that repeat the request, defaults filled in."""
    found: JSONObject = {}
    for name, (types, default) in _ECHOED.items():
        given = body.get(name)
        value = given if type(given) in types else default
        found[name] = _decimal(value) if style.decimals and types is _NUMBER else value
    if found[_RETENTION] is None:
        found[_RETENTION] = traits.retention
    metadata = body.get("metadata")
    found["metadata"] = metadata if isinstance(metadata, dict) else {}
    found["reasoning"] = _reasoning(body.get("reasoning"), traits)
    found["text"] = _text(body.get("text"), style.formats)
    choice = body.get("tool_choice")
    found["tool_choice"] = choice if isinstance(choice, str | dict) else "auto"
    tools = body.get("tools")
    found["tools"] = [_tool(tool, style.tools) for tool in tools] if isinstance(tools, list) else []
    return found


def ordered(members: JSONObject) -> JSONObject:
    """The members in the order of the wire, unknown ones last."""
    known: JSONObject = {name: members[name] for name in _ORDER if name in members}
    return known | members


def _decimal(value: JSON) -> JSON:
    return float(value) if isinstance(value, int) and abs(value) <= _EXACT else value


def _reasoning(given: JSON, traits: ModelTraits) -> JSONObject:
    asked = given if isinstance(given, dict) else {}
    if traits.reasoning is None:
        return {"effort": asked.get("effort"), "summary": asked.get("summary")}
    found: JSONObject = {
        name: default if asked.get(name) is None else asked[name] for name, default in traits.reasoning.items()
    }
    if found.get("summary") == "auto" and traits.reasons:
        found["summary"] = "detailed"
    return found


def _text(given: JSON, forms: Mapping[str, EchoForm]) -> JSONObject:
    asked = given if isinstance(given, dict) else {}
    form = asked.get("format")
    verbosity = asked.get("verbosity")
    return {
        "format": _filled(form, forms) if isinstance(form, dict) else {"type": "text"},
        "verbosity": verbosity if isinstance(verbosity, str) else "medium",
    }


def _filled(given: JSONObject, forms: Mapping[str, EchoForm]) -> JSONObject:
    kind = given.get("type")
    form = forms.get(kind) if isinstance(kind, str) else None
    return given if form is None else form.filled(given)


def _tool(tool: JSON, forms: Mapping[str, EchoForm]) -> JSON:
    if not isinstance(tool, dict):
        return tool
    filled = _filled(tool, forms)
    if tool.get("type") != "function":
        return filled
    if "function" not in forms:
        filled = {"type": "function", "description": None} | tool
    filled.setdefault("parameters", None)
    filled.setdefault("strict", True)
    parameters = filled.get("parameters")
    if filled["strict"] is True and isinstance(parameters, dict):
        filled["parameters"] = {"additionalProperties": False} | parameters
    return filled
