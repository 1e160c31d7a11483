"""Calls of the client's tools: functions with JSON arguments, custom tools with free text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mockserver.items.events import streamed
from mockserver.items.spec import (
    ARGUMENTS_KEY,
    CALL_ID_KEY,
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
from mockserver.model.json import JSONObject


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCall(Item):
    """`arguments` is the text as it is sent; `call_id` None is generated."""

    noun: ClassVar[str] = "a call"
    unsupported: ClassVar[frozenset[Shape]] = frozenset({Shape.COMPACTION})
    text_fields: ClassVar[tuple[str, ...]] = ("arguments",)
    templating: ClassVar[Mapping[str, Templating]] = {"name": Templating.TEXT, "arguments": Templating.JSON_TEXT}

    name: str
    arguments: str
    call_id: str | None = None

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
        return {
            "type": "function_call",
            "status": status,
            "arguments": self.arguments,
            "call_id": self.call_id or ids.id("call_", place),
            "name": self.name,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomCall(Item):
    """A call of a custom tool; `call_id` None is generated."""

    noun: ClassVar[str] = "a custom_call"
    unsupported: ClassVar[frozenset[Shape]] = frozenset({Shape.COMPACTION})
    text_fields: ClassVar[tuple[str, ...]] = ("input",)
    templating: ClassVar[Mapping[str, Templating]] = {"name": Templating.TEXT, "input": Templating.TEXT}

    name: str
    input: str
    call_id: str | None = None

    def chat(self, ids: IdGenerator, choice: int) -> ChatPart:
        del ids, choice
        return ChatCall(
            type="custom", member="input", name=self.name, text=self.input, call_id=self.call_id, chunks=self.chunks
        )

    def wire(self, ids: IdGenerator, place: int, status: str) -> JSONObject:
        return {
            "type": "custom_tool_call",
            "status": status,
            "call_id": self.call_id or ids.id("call_", place),
            "input": self.input,
            "name": self.name,
        }


_CALL = Form(
    Key("call", NAME, "The name of the function called.", "name", default=""),
    ARGUMENTS_KEY,
    CALL_ID_KEY,
    chunks_key("the arguments are"),
    make=FunctionCall,
)
_CUSTOM_CALL = Form(
    Key("custom_call", NAME, "The name of the custom tool called.", "name", default=""),
    Key("input", STRING, "Free text for the tool.", default="", required=True),
    CALL_ID_KEY,
    chunks_key("the input is"),
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
        members=(f"call_id:id name:string arguments:string status?:#status.item namespace?:string|null {CALLER}"),
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
        members=(f"call_id:id name:string input:string status?:#status.item namespace?:string|null {CALLER}"),
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
