"""A request read as a call of one endpoint: what conditions may ask about.

Reading never fails: a member of the wrong type is as good as absent here, and is the request
contract's to complain about.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from mockserver.model.conversation import (
    USER,
    AssistantItem,
    Conversation,
    ConversationItem,
    Message,
    ToolCall,
    ToolOutput,
)
from mockserver.model.endpoint import Endpoint
from mockserver.model.json import JSON, JSONObject, read, write
from mockserver.model.request import Headers, Request

# Calls that name their tool, and the member that holds what it is given.
_CALL_TYPES = {
    "function_call": "arguments",
    "custom_tool_call": "input",
    "mcp_call": "arguments",
}
# Other calls go by their type; what they are given is in one of these.
_ARGUMENT_MEMBERS = ("action", "actions", "operation", "arguments")
_OUTPUT_SUFFIX = "_output"
# Items of the input that the assistant did not say.
_OF_THE_CLIENT = frozenset({"compaction_trigger", "item_reference", "mcp_approval_response"})
_PART_TEXTS = ("text", "refusal", "stdout")


@dataclass(kw_only=True)  # not frozen: one is made for every exchange
class Call:
    """`body` is the parsed JSON object. In what shape it is answered is its dialect's to say."""

    endpoint: Endpoint
    body: JSONObject
    headers: Headers = ()
    query: Headers = ()

    @property
    def conversation(self) -> Conversation:
        """The messages or items of the body, with tool outputs joined to their calls."""
        # By hand: before Python 3.12 a cached property takes a lock.
        read = self.__dict__.get("_conversation")
        if read is None:
            read = self.__dict__["_conversation"] = read_conversation(self.body)
        return read

    @property
    def model(self) -> str | None:
        """The model asked for."""
        return _text(self.body.get("model"))

    @property
    def stream(self) -> bool:
        """Whether the reply is asked for as a stream; the `Accept` header has no say."""
        return self.body.get("stream") is True

    @property
    def include_usage(self) -> bool:
        """Whether a chat stream is asked to report usage."""
        options = self.body.get("stream_options")
        return isinstance(options, dict) and options.get("include_usage") is True

    @cached_property
    def tools(self) -> tuple[str, ...]:
        """Names of the tools offered; a hosted tool without a name goes by its type."""
        return tuple(_tool_names(self.body.get("tools"))) + tuple(
            _tool_names(self.body.get("functions"))
        )

    @property
    def user(self) -> str | None:
        """Text of the last user message."""
        plain = _plain_user(self.body)
        return self.conversation.user if plain is None else plain

    @property
    def input_text(self) -> str:
        """Every text of the request joined by newlines."""
        plain = _plain_texts(self.body)
        return "\n".join(self.conversation.texts if plain is None else plain)


# Most requests are plain texts, and these two are asked of every one of them: what they say is read
# without making the pieces of a conversation, of which they are but the sum.


def _plain_user(body: JSONObject) -> str | None:
    messages = body.get("messages")
    if isinstance(messages, list):
        # Mostly it is the last one, and looked for without going through them.
        message = messages[-1] if messages else None
        if isinstance(message, dict) and message.get("role") == USER:
            content = message.get("content")
            return content if isinstance(content, str) and content else None
        for message in reversed(messages):
            if isinstance(message, dict) and message.get("role") == USER:
                content = message.get("content")
                return content if isinstance(content, str) and content else None
        return None
    given = body.get("input")
    return given if isinstance(given, str) else None


def _plain_texts(body: JSONObject) -> list[str] | None:
    messages = body.get("messages")
    if not isinstance(messages, list):
        given = body.get("input")
        return [given] if isinstance(given, str) and "instructions" not in body else None
    texts: list[str] = []
    for message in messages:
        if not isinstance(message, dict) or "tool_calls" in message or "function_call" in message:
            return None
        content = message.get("content")
        if not (isinstance(content, str) and content):
            return None
        texts.append(content)
    return texts


class ReceivedCall(Call):
    """A call whose headers are left where they came until somebody asks."""

    def __init__(self, endpoint: Endpoint, body: JSONObject, request: Request) -> None:
        self.endpoint = endpoint
        self.body = body
        self._request = request

    @property
    def headers(self) -> Headers:  # type: ignore[override]  # never written to
        """The request's headers."""
        return self._request.headers

    @property
    def query(self) -> Headers:  # type: ignore[override]
        """The request's query."""
        return self._request.query


class CallAgain(Call):
    """A call that was read before, and whose body is read again when somebody asks."""

    _data: bytes

    def __init__(
        self, *, endpoint: Endpoint, data: bytes, headers: Headers, query: Headers
    ) -> None:
        vars(self).update(endpoint=endpoint, _data=data, headers=headers, query=query)

    @property
    def size(self) -> int:
        """Bytes that are kept to read the body from."""
        return len(self._data)

    def anew(self) -> CallAgain:
        """The same call, of which nothing has been read yet."""
        return CallAgain(
            endpoint=self.endpoint, data=self._data, headers=self.headers, query=self.query
        )

    @cached_property
    def body(self) -> JSONObject:  # type: ignore[override]  # looked up like a member
        """The parsed JSON object."""
        found = read(self._data)
        return found if isinstance(found, dict) else {}


def read_conversation(body: JSONObject) -> Conversation:
    """Read `messages`, or `input` and `instructions`, whichever the body has."""
    messages = body.get("messages")
    if isinstance(messages, list):
        return Conversation(pieces=_joined(_chat_pieces(messages)))
    given = body.get("input")
    instructions = _text(body.get("instructions"))
    if isinstance(given, str):
        only = Message(role="user", text=given, path="input")
        return Conversation(pieces=(only,), instructions=instructions)
    items = given if isinstance(given, list) else []
    return Conversation(pieces=_joined(_item_pieces(items)), instructions=instructions)


def _chat_pieces(messages: list[JSON]) -> list[ConversationItem]:
    pieces: list[ConversationItem] = []
    for index, message in enumerate(messages):
        if not isinstance(message, dict):
            continue
        path = f"messages[{index}]"
        role = _text(message.get("role")) or ""
        text = content_text(message.get("content")) or _text(message.get("refusal")) or ""
        if role in ("tool", "function"):
            call_id = _text(message.get("tool_call_id"))
            name = _text(message.get("name")) if role == "function" else None
            pieces.append(ToolOutput(call_id=call_id, of=name, text=text, path=path))
            continue
        called = "tool_calls" in message or "function_call" in message
        calls = _chat_calls(message, path) if called else ()
        if text or not calls:
            pieces.append(Message(role=role, text=text, path=path))
        pieces.extend(calls)
    return pieces


def _chat_calls(message: JSONObject, path: str) -> list[ToolCall]:
    found: list[ToolCall] = []
    calls = message.get("tool_calls")
    for index, call in enumerate(calls if isinstance(calls, list) else []):
        if not isinstance(call, dict):
            continue
        for kind, member in (("function", "arguments"), ("custom", "input")):
            said = call.get(kind)
            if isinstance(said, dict):
                found.append(
                    ToolCall(
                        call_id=_text(call.get("id")),
                        name=_text(said.get("name")) or "",
                        arguments=_text(said.get(member)) or "",
                        path=f"{path}.tool_calls[{index}]",
                    )
                )
    legacy = message.get("function_call")
    if isinstance(legacy, dict):
        found.append(
            ToolCall(
                call_id=None,
                name=_text(legacy.get("name")) or "",
                arguments=_text(legacy.get("arguments")) or "",
                path=f"{path}.function_call",
            )
        )
    return found


def _item_pieces(items: list[JSON]) -> list[ConversationItem]:
    pieces: list[ConversationItem] = []
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            continue
        path = f"input[{index}]"
        kind = _text(item.get("type")) or ("message" if "role" in item else "")
        call_id = _text(item.get("call_id"))
        if kind == "message":
            role = _text(item.get("role")) or ""
            pieces.append(Message(role=role, text=content_text(item.get("content")), path=path))
        elif kind in _CALL_TYPES:
            said = _text(item.get(_CALL_TYPES[kind])) or ""
            name = _text(item.get("name")) or ""
            pieces.append(ToolCall(call_id=call_id, name=name, arguments=said, path=path))
        elif kind.endswith(_OUTPUT_SUFFIX):
            # The output of a local shell names its call by its own id.
            answers = call_id or _text(item.get("id"))
            text = content_text(item.get("output"))
            pieces.append(ToolOutput(call_id=answers, of=None, text=text, path=path))
        elif kind.endswith("_call") and call_id is not None:
            name = kind.removesuffix("_call")
            said = write(next((item[deed] for deed in _ARGUMENT_MEMBERS if deed in item), None))
            pieces.append(ToolCall(call_id=call_id, name=name, arguments=said, path=path))
        elif kind and kind not in _OF_THE_CLIENT:
            pieces.append(AssistantItem(type=kind, path=path))
    return pieces


def _joined(pieces: list[ConversationItem]) -> tuple[ConversationItem, ...]:
    """Tell each tool output which tool it answers."""
    if not any(isinstance(piece, ToolOutput) for piece in pieces):
        return tuple(pieces)
    names: dict[str, str] = {}
    joined: list[ConversationItem] = []
    for piece in pieces:
        match piece:
            case ToolCall(call_id=str(call_id)):
                names[call_id] = piece.name
                joined.append(piece)
            case ToolOutput(call_id=str(call_id), of=None):
                of = names.get(call_id)
                joined.append(ToolOutput(call_id=call_id, of=of, text=piece.text, path=piece.path))
            case _:
                joined.append(piece)
    return tuple(joined)


def content_text(content: JSON) -> str:
    """The text of a content: itself, or its text parts joined by newlines; other JSON as text.

    What a shell printed counts as a text part.
    """
    if isinstance(content, str):
        return content
    match content:
        case None:
            return ""
        case list():
            return "\n".join(text for part in content if (text := _part_text(part)) is not None)
        case _:
            return write(content)


def _part_text(part: JSON) -> str | None:
    if isinstance(part, str):
        return part
    if isinstance(part, dict):
        texts = (_text(part.get(member)) for member in _PART_TEXTS)
        return next((text for text in texts if text is not None), None)
    return None


def _tool_names(tools: JSON) -> list[str]:
    found: list[str] = []
    for tool in tools if isinstance(tools, list) else []:
        if not isinstance(tool, dict):
            continue
        said = tool.get("function") or tool.get("custom")
        holder = said if isinstance(said, dict) else tool
        name = _text(holder.get("name")) or _text(tool.get("type"))
        if name is not None:
            found.append(name)
        found.extend(_tool_names(tool.get("tools")))
    return found


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) else None
