"""The response object: what it echoes of the request, and what it holds at each stage.

Members and their defaults as observed on the wire; a request member of the wrong type is not
echoed, so that the reply keeps its own contract.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mockserver.core.jsontext import JSON, Object

Check = Callable[[JSON], bool]


def _number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _integer(value: JSON) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _text(value: JSON) -> bool:
    return isinstance(value, str)


def _flag(value: JSON) -> bool:
    return isinstance(value, bool)


_ECHOED: Mapping[str, tuple[Check, JSON]] = {
    "background": (_flag, False),
    "frequency_penalty": (_number, 0.0),
    "instructions": (_text, None),
    "max_output_tokens": (_integer, None),
    "max_tool_calls": (_integer, None),
    "parallel_tool_calls": (_flag, True),
    "presence_penalty": (_number, 0.0),
    "previous_response_id": (_text, None),
    "prompt_cache_key": (_text, None),
    "prompt_cache_retention": (_text, None),
    "safety_identifier": (_text, None),
    "store": (_flag, True),
    "temperature": (_number, 1.0),
    "top_logprobs": (_integer, 0),
    "top_p": (_number, 1.0),
    "truncation": (_text, "disabled"),
    "user": (_text, None),
}
_ORDER = (
    "id",
    "object",
    "created_at",
    "status",
    "background",
    "completed_at",
    "error",
    "frequency_penalty",
    "incomplete_details",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "model",
    "output",
    "parallel_tool_calls",
    "presence_penalty",
    "previous_response_id",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "usage",
    "user",
    "metadata",
    "output_text",
)


def echo(body: Object) -> Object:
    """The members that repeat the request, defaults filled in."""
    found: Object = {}
    for name, (accepts, default) in _ECHOED.items():
        given = body.get(name)
        found[name] = given if accepts(given) else default
    metadata = body.get("metadata")
    found["metadata"] = metadata if isinstance(metadata, dict) else {}
    found["reasoning"] = _reasoning(body.get("reasoning"))
    found["text"] = _format(body.get("text"))
    choice = body.get("tool_choice")
    found["tool_choice"] = choice if isinstance(choice, str | dict) else "auto"
    tools = body.get("tools")
    found["tools"] = [_tool(tool) for tool in tools] if isinstance(tools, list) else []
    return found


def ordered(members: Object) -> Object:
    """The members in the order of the wire, strangers last."""
    known: Object = {name: members[name] for name in _ORDER if name in members}
    return known | members


def _reasoning(given: JSON) -> Object:
    asked = given if isinstance(given, dict) else {}
    return {"effort": asked.get("effort"), "summary": asked.get("summary")}


def _format(given: JSON) -> Object:
    asked = given if isinstance(given, dict) else {}
    form = asked.get("format")
    verbosity = asked.get("verbosity")
    return {
        "format": form if isinstance(form, dict) else {"type": "text"},
        "verbosity": verbosity if isinstance(verbosity, str) else "medium",
    }


def _tool(tool: JSON) -> JSON:
    if not isinstance(tool, dict) or tool.get("type") != "function":
        return tool
    filled: Object = {"type": "function", "description": None} | tool
    filled.setdefault("parameters", None)
    filled.setdefault("strict", True)
    parameters = filled.get("parameters")
    if filled["strict"] is True and isinstance(parameters, dict):
        filled["parameters"] = {"additionalProperties": False} | parameters
    return filled
