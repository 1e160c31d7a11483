"""Calls of the client's tools: functions with JSON arguments, custom tools with free text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from mockserver.items.events import streamed
from mockserver.items.keys import ARGUMENTS_KEY, CALL_ID_KEY, CALL_KEYS, ID_KEY, NAME, STRING, Form, Key, chunks_key
from mockserver.items.spec import CALLER, ItemSpec, StreamedText
from mockserver.model.endpoint import Shape
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import ChatCall, ChatPart, Item, Templating


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
    """`arguments` is the text as it is sent; `call_id` None is generated. The tool may be the one that the request
    chooses or offers first (`offered`), the arguments data that fit its schema (`from_schema`)."""

    noun: ClassVar[str] = "a call"
    unsupported: ClassVar[frozenset[Shape]] = frozenset({Shape.COMPACTION})
    text_fields: ClassVar[tuple[str, ...]] = ("arguments",)
    templating: ClassVar[Mapping[str, Templating]] = {"name": Templating.TEXT, "arguments": Templating.JSON_TEXT}

    name: str
    arguments: str
    offered: bool = False
    from_schema: bool = False

    @property
    def depends_on_request(self) -> bool:
        return self.offered or self.from_schema

    def chat(self, ids: IdGenerator, choice: int) -> ChatPart:
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
        return ChatCall(
            type="custom", member="input", name=self.name, text=self.input, call_id=self.call_id, chunks=self.chunks
        )

    def wire(self, ids: IdGenerator, place: int, status: str) -> JSONObject:
        members: JSONObject = {"call_id": self.call_id, "input": self.input, "name": self.name}
        return self.call("custom_tool_call", ids, place, status, members)


OFFERED: Final = "offered"
FROM_SCHEMA: Final = "from_schema"


def _function_call(name: str, arguments: str, **members: Any) -> FunctionCall:  # the fields of the form's keys
    offered, from_schema = name == OFFERED, arguments == FROM_SCHEMA
    return FunctionCall(name=name, arguments=arguments, offered=offered, from_schema=from_schema, **members)


_TOOL: Final = "namespace?:string|null async?:boolean|null"
_FUNCTION = Form(
    Key(
        "call",
        NAME,
        "The name of the function called; offered: the one that is chosen, or offered first.",
        "name",
        default="",
    ),
    ARGUMENTS_KEY,
    CALL_ID_KEY,
    chunks_key("the arguments are"),
    *CALL_KEYS,
    ID_KEY,
    make=_function_call,
)
_CUSTOM = Form(
    Key("custom_call", NAME, "The name of the custom tool called.", "name", default=""),
    Key("input", STRING, "Free text for the tool.", default="", required=True),
    CALL_ID_KEY,
    chunks_key("the input is"),
    *CALL_KEYS,
    ID_KEY,
    make=CustomCall,
)


def _call(type_: str, form: Form, prefix: str, word: str, member: str, *, done: str = "") -> ItemSpec:
    """The record of a call of which one member is streamed; `done` are further members of the event that ends it."""
    return ItemSpec(
        type=type_,
        forms=(form,),
        prefix=prefix,
        status="of_reply",
        added_status="demanded",
        added={member: ""},
        events=streamed(word, member),
        members=f"call_id:id name:string {member}:string status?:#status.item {_TOOL} {CALLER}",
        stream=f"""
{word}.delta  delta:string  -> call[@].{member}.delta[#]
{word}.done  {member}:string {done} -> call[@].{member}.done
""",
        about=f"{member.removesuffix('s')} deltas and their end",
        grammar=f"""
open: {word}.delta, {word}.done > written
written: done
""",
        texts=(StreamedText(word, member, (member,)),),
    )


SPECS = (
    _call("function_call", _FUNCTION, "fc_", "function_call_arguments", "arguments", done="name?:string"),
    _call("custom_tool_call", _CUSTOM, "ctc_", "custom_tool_call_input", "input"),
)
