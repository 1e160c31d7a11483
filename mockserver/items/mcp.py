"""Items of MCP servers: the list of their tools, calls, and requests for approval."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.items.events import stage, string, text_deltas
from mockserver.items.keys import (
    ARGUMENTS_KEY,
    HOSTED_KEYS,
    NAME,
    OBJECTS,
    STRING,
    Form,
    Key,
    KeyType,
    chunks_key,
    status_key,
)
from mockserver.items.raw import hosted
from mockserver.items.spec import ItemEvent, ItemSpec, StreamedText
from mockserver.model.json import JSONObject
from mockserver.model.reply import Cutter

_ARGUMENTS = "mcp_call_arguments"


def _end(kind: str, item: JSONObject) -> ItemEvent:
    failed = item.get("error") is not None or item.get("status") == "failed"
    return stage(kind, "failed" if failed else "completed")


def _list_events(item: JSONObject, _cut: Cutter) -> Iterator[ItemEvent]:
    yield stage("mcp_list_tools", "in_progress")
    yield _end("mcp_list_tools", item)


def _call_events(item: JSONObject, cut: Cutter) -> Iterator[ItemEvent]:
    """Arguments are written, then the server is called."""
    yield stage("mcp_call", "in_progress")
    yield from text_deltas(_ARGUMENTS, "arguments", string(item, "arguments"), cut)
    yield _end("mcp_call", item)


_CALL_MEMBERS = ("approval_request_id", "arguments", "error", "name", "output", "server_label")


def _call_members(fields: JSONObject) -> JSONObject:
    """The members in the order of the wire; the call failed where there is an error."""
    members: JSONObject = {name: fields[name] for name in _CALL_MEMBERS}
    return members if fields["error"] is None else members | {"status": "failed"}


def _approval_members(fields: JSONObject) -> JSONObject:
    return {name: fields[name] for name in ("arguments", "name", "server_label")}


_ERROR = KeyType({"title": "a text or a mapping", "anyOf": [{"type": "string"}, {"type": "object"}]})
_LABEL = "The label of the MCP server."
_SERVER_KEY = Key("server", NAME, _LABEL, "server_label", default=None, required=True)
_LIST = Form(
    Key("mcp_list_tools", NAME, _LABEL, "server_label", default=None),
    Key("tools", OBJECTS, "Its tools, each {name, input_schema, …}.", default=()),
    Key("error", _ERROR, "The error, if the tools could not be listed."),
    *HOSTED_KEYS,
    make=hosted("mcp_list_tools"),
)
_CALL = Form(
    Key("mcp_call", NAME, "The name of the tool called.", "name", default=None),
    _SERVER_KEY,
    ARGUMENTS_KEY,
    Key("output", STRING, "The result of the call.", default=None),
    Key("error", _ERROR, "Why the call failed; excludes output.", default=None),
    Key("approval", NAME, "The id of the approval request that was granted.", "approval_request_id", default=None),
    status_key("The final status. Default: completed, or failed with an error."),
    chunks_key("the arguments are"),
    *HOSTED_KEYS,
    make=hosted("mcp_call", _call_members),
    excludes=(("output", "error"),),
)
_APPROVAL = Form(
    Key("mcp_approval", NAME, "The name of the tool to approve.", "name", default=None),
    _SERVER_KEY,
    ARGUMENTS_KEY,
    *HOSTED_KEYS,
    make=hosted("mcp_approval_request", _approval_members),
)

SPECS = (
    ItemSpec(
        type="mcp_list_tools",
        forms=(_LIST,),
        prefix="mcpl_",
        added={"tools": [], "error": None},
        events=_list_events,
        members="server_label:string tools:[@mcp.tool] error?:string|object|null",
        kinds="""
mcp.tool  name:string input_schema:object annotations?:object|null description?:string|null
""",
        stream="""
mcp_list_tools.in_progress
mcp_list_tools.completed
mcp_list_tools.failed
""",
        about="the steps of listing",
        grammar="""
open: mcp_list_tools.in_progress > in progress
in progress: mcp_list_tools.completed > completed, mcp_list_tools.failed > failed
completed: done
failed: done
""",
        overlaps=True,
        # Of several lists side by side only the last may be done (observed in 2026-06).
        quirks=frozenset({"responses.item.overlap", "responses.item.unclosed"}),
    ),
    ItemSpec(
        type="mcp_call",
        forms=(_CALL,),
        prefix="mcp_",
        status="of_reply",
        added_status="demanded",
        added={"arguments": "", "output": None, "error": None},
        events=_call_events,
        members=(
            "server_label:string name:string arguments:string "
            "approval_request_id?:string|null error?:string|@mcp.error.*|null output?:string|null "
            "status?:#status.mcp_call"
        ),
        kinds="""
mcp.error.mcp_protocol_error  type:=mcp_protocol_error code:integer message:string
mcp.error.mcp_tool_execution_error  type:=mcp_tool_execution_error content:any
mcp.error.http_error  type:=http_error code:integer message:string
mcp.error.other  type:string
""",
        values={"status.mcp_call": "in_progress calling incomplete completed failed"},
        stream="""
mcp_call.in_progress
mcp_call.completed
mcp_call.failed
mcp_call_arguments.delta  delta:string  -> call[@].arguments.delta[#]
mcp_call_arguments.done  arguments:string  -> call[@].arguments.done
""",
        about="the arguments and the steps of the call",
        # Recorded: arguments that begin before the call is in progress, and a second in_progress after
        # an approval, behind the arguments' delta (2025-12).
        grammar="""
open: mcp_call_arguments.delta, mcp_call.in_progress > in progress
in progress: mcp_call_arguments.delta, mcp_call.in_progress > called, mcp_call_arguments.done > asked
called: mcp_call_arguments.delta, mcp_call_arguments.done > asked
asked: mcp_call.in_progress > again, mcp_call.completed > completed, mcp_call.failed > failed
again: mcp_call.completed > completed, mcp_call.failed > failed
completed: done
failed: done
""",
        breaks_off=True,
        texts=(StreamedText(_ARGUMENTS, "arguments", ("arguments",)),),
    ),
    ItemSpec(
        type="mcp_approval_request",
        forms=(_APPROVAL,),
        prefix="mcpr_",
        members="server_label:string name:string arguments:string",
    ),
)
