"""Calls of the client's tools: functions with JSON arguments, custom tools with free text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from mockserver.items.events import streamed
from mockserver.items.spec import (
    ARGUMENTS_KEY,
    CALL_ID_KEY,
    CALL_KEYS,
    CALLER,
    NAME,
    STRING,
    AddedStatus,
    EndStatus,
    Form,
    ItemSpec,
    Key,
    StreamedText,
    chunks_key,
)
from mockserver.model.endpoint import Shape
from mockserver.model.ids import IdGenerator
from mockserver.model.item import ChatCall, ChatPart, Item, Templating
from mockserver.model.json import JSON, JSONObject


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCall(Item):
    """A call of a tool of the client. Of its last three members only those that are given are sent."""

    call_id: str | None = None
    asynchronous: bool | None = None
    caller: Mapping[str, JSON] | None = None
    namespace: str | None = None

    def call(self, type_: str, ids: IdGenerator, place: int, status: str, members: JSONObject) -> JSONObject:
        """The final form, with a generated `call_id` where there is none."""
        by_program = self.caller is not None and self.caller.get("type") == "program"
        further: JSONObject = {
            "async": self.asynchronous,
            "caller": None if self.caller is None else dict(self.caller),
            "namespace": self.namespace,
        }
        generated: JSONObject = {} if self.call_id else {"call_id": ids.id("call_", place)}
        return {
            "type": type_,
            "status": "in_progress" if by_program else status,
            **(members | generated),
            **{name: value for name, value in further.items() if value is not None},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCall(ClientCall):
    """`arguments` is the text as it is sent; `call_id` None is generated."""

    noun: ClassVar[str] = "a call"
    unsupported: ClassVar[frozenset[Shape]] = frozenset({Shape.COMPACTION})
    text_fields: ClassVar[tuple[str, ...]] = ("arguments",)
    templating: ClassVar[Mapping[str, Templating]] = {"name": Templating.TEXT, "arguments": Templating.JSON_TEXT}

    name: str
    arguments: str

    def chat(self, ids: IdGenerator, choice: int) -> ChatPart:
        del ids, choice
        return ChatCall(
            type="function",
            member="arguments",
            name=self.name,
            text=self.arguments,
            call_id=self.call_id,
            chunks=self.chunks,
        )

    def wire(self, ids: IdGenerator, place: int, status: str) -> JSONObject:
        members: JSONObject = {"arguments": self.arguments, "call_id": self.call_id, "name": self.name}
        return self.call("function_call", ids, place, status, members)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomCall(ClientCall):
    """A call of a custom tool; `call_id` None is generated."""

    noun: ClassVar[str] = "a custom_call"
    unsupported: ClassVar[frozenset[Shape]] = frozenset({Shape.COMPACTION})
    text_fields: ClassVar[tuple[str, ...]] = ("input",)
    templating: ClassVar[Mapping[str, Templating]] = {"name": Templating.TEXT, "input": Templating.TEXT}

    name: str
    input: str

    def chat(self, ids: IdGenerator, choice: int) -> ChatPart:
        del ids, choice
        return ChatCall(
            type="custom", member="input", name=self.name, text=self.input, call_id=self.call_id, chunks=self.chunks
        )

    def wire(self, ids: IdGenerator, place: int, status: str) -> JSONObject:
        members: JSONObject = {"call_id": self.call_id, "input": self.input, "name": self.name}
        return self.call("custom_tool_call", ids, place, status, members)


_TOOL: Final = "namespace?:string|null async?:boolean|null"
_CALL = Form(
    Key("call", NAME, "The name of the function called.", "name", default=""),
    ARGUMENTS_KEY,
    CALL_ID_KEY,
    chunks_key("the arguments are"),
    *CALL_KEYS,
    make=FunctionCall,
)
_CUSTOM_CALL = Form(
    Key("custom_call", NAME, "The name of the custom tool called.", "name", default=""),
    Key("input", STRING, "Free text for the tool.", default="", required=True),
    CALL_ID_KEY,
    chunks_key("the input is"),
    *CALL_KEYS,
    make=CustomCall,
)

SPECS = (
    ItemSpec(
        type="function_call",
        forms=(_CALL,),
        prefix="fc_",
        status=EndStatus.OF_REPLY,
        added_status=AddedStatus.DEMANDED,
        added={"arguments": ""},
        events=streamed("function_call_arguments", "arguments"),
        members=f"call_id:id name:string arguments:string status?:#status.item {_TOOL} {CALLER}",
        stream="""
function_call_arguments.delta  delta:string  -> call[@].arguments.delta[#]
function_call_arguments.done  arguments:string name?:string  -> call[@].arguments.done
""",
        about="argument deltas and their end",
        grammar="""
open: function_call_arguments.delta, function_call_arguments.done > written
written: done
""",
        texts=(StreamedText("function_call_arguments", "arguments", ("arguments",)),),
    ),
    ItemSpec(
        type="custom_tool_call",
        forms=(_CUSTOM_CALL,),
        prefix="ctc_",
        status=EndStatus.OF_REPLY,
        added_status=AddedStatus.DEMANDED,
        added={"input": ""},
        events=streamed("custom_tool_call_input", "input"),
        members=f"call_id:id name:string input:string status?:#status.item {_TOOL} {CALLER}",
        stream="""
custom_tool_call_input.delta  delta:string  -> call[@].input.delta[#]
custom_tool_call_input.done  input:string  -> call[@].input.done
""",
        about="input deltas and their end",
        grammar="""
open: custom_tool_call_input.delta, custom_tool_call_input.done > written
written: done
""",
        texts=(StreamedText("custom_tool_call_input", "input", ("input",)),),
    ),
)
