"""Items that are made for the request: a call of an offered tool, arguments that fit its schema, text that fits the
format. The same request always gets the same items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from mockserver.contract import structured_output
from mockserver.items import CustomCall, FunctionCall, Text
from mockserver.model.call import Call
from mockserver.model.findings import Finding
from mockserver.model.json import JSON, JSONObject, as_object, objects, write
from mockserver.model.reply import Item, Output, Reply

RULE = "reply.from_request"
_CUSTOM = "custom"


class FromRequestError(Exception):
    """The request does not allow what the reply takes from it; `findings` say why."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(findings[0].message)
        self.findings = findings


class _Tool(NamedTuple):
    """A tool that the client runs: a function, or a custom tool, in a namespace or in none."""

    type: str
    name: str
    schema: JSON
    namespace: str | None


def made_for(reply: Reply, call: Call) -> Reply:
    """The reply with the items that its words take from the request.

    Raises:
        FromRequestError: the request does not offer what a word needs, or nothing fits its schema.
    """
    content = reply.content
    if not isinstance(content, Output):
        return reply
    choices = tuple(tuple([_made(item, call) for item in items]) for items in content.choices)
    return reply if choices == content.choices else replace(reply, content=replace(content, choices=choices))


def _made(item: Item, call: Call) -> Item:
    match item:
        case FunctionCall() if item.offered or item.from_schema:
            return _call(item, call)
        case Text(from_format=True):
            return replace(item, text=_formatted(call), structured=True, from_format=False)
        case _:
            return item


# --- calls ---


def _call(item: FunctionCall, call: Call) -> FunctionCall | CustomCall:
    tools = [*_tools(call.body.get("tools"), None), *_tools(call.body.get("functions"), None)]
    if item.offered:
        tool = _chosen(call.body, tools)
    else:
        named = (one for one in tools if one.name == item.name and item.namespace in (None, one.namespace))
        tool = next(named, None) or _missing(item.name, tools)
    if tool.type == _CUSTOM:
        return CustomCall(
            name=tool.name,
            input=call.user or "",
            namespace=item.namespace or tool.namespace,
            call_id=item.call_id,
            asynchronous=item.asynchronous,
            caller=item.caller,
        )
    arguments = _arguments(tool) if item.from_schema else item.arguments
    namespace = item.namespace or tool.namespace
    made = replace(item, name=tool.name, arguments=arguments, offered=False, from_schema=False)
    return replace(made, namespace=namespace)


def _arguments(tool: _Tool) -> str:
    schema = tool.schema
    if schema is None:
        return "{}"
    # Arguments are a mapping, also where a schema does not say so.
    data = structured_output.data_for({"type": "object", **schema} if isinstance(schema, dict) else schema)
    if isinstance(data, tuple):
        raise FromRequestError(tuple(replace(one, rule=RULE, path=f"tools.{tool.name}") for one in data))
    return write(data)


def _chosen(body: JSONObject, tools: list[_Tool]) -> _Tool:
    """The tool of the request's choice, or the first function that it offers."""
    given = body.get("tool_choice", body.get("function_call"))
    choice = as_object(given)
    allowed = [_name(one) for one in objects((as_object(choice.get("allowed_tools")) or choice).get("tools"))]
    if allowed:
        tools = [one for one in tools if one.name in allowed]
    elif choice:
        name = _name(choice)
        if name is None:
            raise _refused(f"tool_choice asks for a tool {choice.get('type')!r}, which no client runs", "tool_choice")
        return next((one for one in tools if one.name == name), None) or _missing(name, tools)
    if given == "none":
        raise _refused("tool_choice is 'none', so no tool may be called")
    return next((one for one in tools if one.type != _CUSTOM), None) or _missing(None, tools)


def _missing(name: str | None, tools: list[_Tool]) -> _Tool:
    offered = ", ".join(one.name for one in tools) or "none"
    wanted = "no function" if name is None else f"no tool {name!r}"
    raise _refused(f"the request offers {wanted} (offered are: {offered})")


def _refused(message: str, path: str = "tools") -> FromRequestError:
    return FromRequestError((Finding(rule=RULE, path=path, message=message),))


def _name(tool: JSONObject) -> str | None:
    inner = as_object(tool.get("function")) or as_object(tool.get(_CUSTOM)) or tool
    name = inner.get("name")
    return name if isinstance(name, str) else None


def _tools(tools: JSON, namespace: str | None) -> Iterator[_Tool]:
    """The tools that the client runs; those of a namespace follow where it stands."""
    for tool in objects(tools):
        name, type_ = _name(tool), tool.get("type", "function")
        if type_ == "namespace":
            yield from _tools(tool.get("tools"), name)
        elif name is not None and type_ in ("function", _CUSTOM):
            inner = as_object(tool.get("function")) or tool
            yield _Tool(str(type_), name, inner.get("parameters"), namespace)


# --- formats ---


def _formatted(call: Call) -> str:
    """A text of the format that the request asks for."""
    body = call.body
    given = as_object(body.get("response_format")) or as_object(as_object(body.get("text")).get("format"))
    match given.get("type"):
        case "json_schema":
            holder = as_object(given.get("json_schema")) or given
            data = structured_output.data_for(holder.get("schema", {"type": "object"}))
            if isinstance(data, tuple):
                raise FromRequestError(data)
            return write(data)
        case "json_object":
            return write({"text": call.user or ""})
        case _:
            raise _refused("the request asks for no JSON, so that no format is to be fitted", "format")
