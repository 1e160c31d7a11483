"""What a request body says, in one form for every endpoint: a list of conversation items.

Conditions, token counts and the typed views for tests read nothing else. Reading never fails: a
member of the wrong type counts as absent, and the request contract reports it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mockserver.model.json import JSON, JSONObject, write

_MESSAGE = "message"
ASSISTANT = "assistant"
USER = "user"
SYSTEM_ROLES = frozenset({"system", "developer"})


# Not frozen: every request is read into these, and freezing doubles the cost of making one.


@dataclass(slots=True, kw_only=True)
class Message:
    """`text` is the text parts joined by newlines; `path` leads into the body."""

    role: str
    text: str
    path: str


@dataclass(slots=True, kw_only=True)
class ToolCall:
    """A call the assistant made earlier; `arguments` is text as it was sent."""

    call_id: str | None
    name: str
    arguments: str
    path: str


@dataclass(slots=True, kw_only=True)
class ToolOutput:
    """The result of a tool call; `of` is the name of the tool, None when no call in the
    conversation has the id."""

    call_id: str | None
    of: str | None
    text: str
    path: str


@dataclass(slots=True, kw_only=True)
class AssistantItem:
    """Any other output of the assistant: reasoning, hosted tool calls, compaction."""

    type: str
    path: str


@dataclass(slots=True, kw_only=True)
class LastItem:
    """What the final message or item is: its `role`, its `type` (`message` for whatever has only a role), its text."""

    role: str | None = None
    type: str | None = None
    text: str | None = None


ConversationItem: TypeAlias = Message | ToolCall | ToolOutput | AssistantItem
EntryReader: TypeAlias = Callable[[JSON, int], Sequence[ConversationItem]]
"""Reads one entry of the body's list, given its index, into the items that it holds."""


class Conversation:
    """The conversation of one request, read from the body's entries on first use.

    An entry of nothing but `role` and a string `content` is one message of that text in every
    API; most are, so `user` and `texts` take it without making items.
    """

    __slots__ = ("_entries", "_items", "_new_tool_results", "_read", "instructions")

    def __init__(
        self,
        pieces: tuple[ConversationItem, ...] = (),
        *,
        instructions: str | None = None,
        entries: Sequence[JSON] = (),
        read: EntryReader | None = None,
    ) -> None:
        """Either `pieces` or `entries` with their reader; `instructions` is the Responses
        parameter of that name, None elsewhere."""
        self.instructions = instructions
        self._entries = entries
        self._read = read
        self._items = pieces if read is None else None
        self._new_tool_results: tuple[ToolOutput, ...] | None = None

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Conversation) and self.instructions == other.instructions and self.pieces == other.pieces
        )

    __hash__ = None  # type: ignore[assignment]  # its items can be changed

    def __repr__(self) -> str:
        return f"Conversation(pieces={self.pieces!r}, instructions={self.instructions!r})"

    def continuing(self, history: Sequence[JSON]) -> Conversation:
        """This conversation behind the items of earlier responses, without the instructions of those."""
        entries, read = self._entries, self._read
        if read is None:
            entries = [
                {"role": piece.role, "content": piece.text} for piece in self.pieces if isinstance(piece, Message)
            ]
            read = read_input_item
        own, before = read, len(history)

        def either(entry: JSON, index: int) -> Sequence[ConversationItem]:
            if index >= before:
                return own(entry, index - before)
            found = read_input_item(entry, index)
            for item in found:
                item.path = f"previous_response_id.{item.path}"
            return found

        return Conversation(entries=[*history, *entries], read=either, instructions=self.instructions)

    @property
    def pieces(self) -> tuple[ConversationItem, ...]:
        """Every item in order, with tool outputs joined to their calls."""
        items = self._items
        if items is None:
            assert self._read is not None  # noqa: S101  # or the items were given
            read = self._read
            found = [item for n, entry in enumerate(self._entries) for item in read(entry, n)]
            items = self._items = _joined(found)
        return items

    @property
    def user(self) -> str | None:
        """Text of the last user message."""
        read = self._read
        if self._items is not None or read is None:
            return _last_user(self.pieces)
        for index in range(len(self._entries) - 1, -1, -1):
            entry = self._entries[index]
            plain = _plain_text(entry)
            if plain is not None:
                if entry["role"] == USER:  # type: ignore[call-overload, index]  # or it were not plain
                    return plain
                continue
            found = _last_user(read(entry, index))
            if found is not None:
                return found
        return None

    @property
    def system(self) -> tuple[str, ...]:
        """Instructions first, then every system or developer message."""
        found = [] if self.instructions is None else [self.instructions]
        found.extend(piece.text for piece in self.pieces if isinstance(piece, Message) and piece.role in SYSTEM_ROLES)
        return tuple(found)

    @property
    def last(self) -> LastItem:
        """The final message or item; empty where there is none."""
        if self._read is None:
            [piece] = self.pieces[-1:] or (None,)
            # Without entries the whole input is one message.
            return (
                LastItem(role=piece.role, type=_MESSAGE, text=piece.text) if isinstance(piece, Message) else LastItem()
            )
        entry = self._entries[-1] if self._entries else None
        if not isinstance(entry, dict):
            return LastItem()
        role = _string(entry.get("role"))
        texts = list(_texts(self._read(entry, len(self._entries) - 1)))
        return LastItem(
            role=role,
            type=_string(entry.get("type")) or (None if role is None else _MESSAGE),
            text="\n".join(texts) if texts else None,
        )

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text in order: instructions, messages, call arguments, tool outputs."""
        found = [] if self.instructions is None else [self.instructions]
        if self._items is not None or self._read is None:
            found.extend(_texts(self.pieces))
            return tuple(found)
        for index, entry in enumerate(self._entries):
            plain = _plain_text(entry)
            if plain is None:
                found.extend(_texts(self._read(entry, index)))
            else:
                found.append(plain)
        return tuple(found)

    @property
    def turn(self) -> int:
        """Assistant turns so far; consecutive items of the assistant count once."""
        turns = 0
        speaking = False
        for piece in self.pieces:
            now = _by_assistant(piece)
            turns += now and not speaking
            speaking = now
        return turns

    @property
    def new_tool_results(self) -> tuple[ToolOutput, ...]:
        """Tool outputs that follow the last assistant message or call."""
        known = self._new_tool_results
        if known is None:
            found: list[ToolOutput] = []
            for piece in reversed(self.pieces):
                if isinstance(piece, ToolOutput):
                    found.append(piece)
                elif _by_assistant(piece):
                    break
            # Matching reads it once for each part of a condition.
            known = self._new_tool_results = tuple(reversed(found))
        return known


def _last_user(items: Sequence[ConversationItem]) -> str | None:
    for item in reversed(items):
        if isinstance(item, Message) and item.role == USER:
            return item.text
    return None


def _plain_text(entry: JSON) -> str | None:
    """The text of an entry that has nothing but its role besides."""
    if type(entry) is dict and len(entry) == 2 and "role" in entry:
        content = entry.get("content")
        return content if type(content) is str else None
    return None


def _texts(items: Sequence[ConversationItem]) -> Iterator[str]:
    for item in items:
        match item:
            case Message() | ToolOutput():
                yield item.text
            case ToolCall():
                yield item.arguments


def _by_assistant(piece: ConversationItem) -> bool:
    match piece:
        case Message():
            return piece.role == ASSISTANT
        case ToolOutput():
            return False
        case _:
            return True


def _joined(pieces: list[ConversationItem]) -> tuple[ConversationItem, ...]:
    """The items, each tool output with the name of the tool that its call names."""
    names: dict[str, str] = {}
    for piece in pieces:
        if isinstance(piece, ToolCall):
            if piece.call_id is not None:
                names[piece.call_id] = piece.name
        elif isinstance(piece, ToolOutput) and piece.of is None and piece.call_id is not None:
            piece.of = names.get(piece.call_id)
    return tuple(pieces)


# Calls that name their tool, and the member with its arguments.
_CALL_TYPES = {"function_call": "arguments", "custom_tool_call": "input", "mcp_call": "arguments"}
# Other calls go by their type; their arguments are in one of these.
_ARGUMENT_MEMBERS = ("action", "actions", "operation", "arguments")
_OUTPUT_SUFFIX = "_output"
# Items of the input that are not the assistant's.
_OF_THE_CLIENT = frozenset(
    {"additional_tools", "compaction_trigger", "configuration_update", "item_reference", "mcp_approval_response"}
)
_PART_TEXTS = ("text", "refusal", "stdout")


def read_conversation(body: JSONObject) -> Conversation:
    """Read `messages`, or `input` and `instructions`, whichever the body has."""
    messages = body.get("messages")
    if isinstance(messages, list):
        return Conversation(entries=messages, read=read_chat_message)
    given = body.get("input")
    instructions = _string(body.get("instructions"))
    if isinstance(given, str):
        only = Message(role=USER, text=given, path="input")
        return Conversation((only,), instructions=instructions)
    items = given if isinstance(given, list) else ()
    return Conversation(entries=items, read=read_input_item, instructions=instructions)


def read_chat_message(message: JSON, index: int) -> Sequence[ConversationItem]:
    """The items of one element of `messages`."""
    if not isinstance(message, dict):
        return ()
    path = f"messages[{index}]"
    role = _string(message.get("role")) or ""
    text = content_text(message.get("content")) or _string(message.get("refusal")) or ""
    if role in ("tool", "function"):
        call_id = _string(message.get("tool_call_id"))
        name = _string(message.get("name")) if role == "function" else None
        return (ToolOutput(call_id=call_id, of=name, text=text, path=path),)
    called = "tool_calls" in message or "function_call" in message
    calls = _chat_calls(message, path) if called else []
    if text or not calls:
        return (Message(role=role, text=text, path=path), *calls)
    return calls


def _chat_calls(message: JSONObject, path: str) -> list[ToolCall]:
    found: list[ToolCall] = []
    calls = message.get("tool_calls")
    for index, call in enumerate(calls if isinstance(calls, list) else []):
        if not isinstance(call, dict):
            continue
        for kind, member in (("function", "arguments"), ("custom", "input")):
            inner = call.get(kind)
            if isinstance(inner, dict):
                found.append(
                    ToolCall(
                        call_id=_string(call.get("id")),
                        name=_string(inner.get("name")) or "",
                        arguments=_string(inner.get(member)) or "",
                        path=f"{path}.tool_calls[{index}]",
                    )
                )
    legacy = message.get("function_call")
    if isinstance(legacy, dict):
        found.append(
            ToolCall(
                call_id=None,
                name=_string(legacy.get("name")) or "",
                arguments=_string(legacy.get("arguments")) or "",
                path=f"{path}.function_call",
            )
        )
    return found


def read_input_item(item: JSON, index: int) -> Sequence[ConversationItem]:
    """The item of one element of `input`; none where it is not part of the conversation."""
    if not isinstance(item, dict):
        return ()
    path = f"input[{index}]"
    kind = _string(item.get("type")) or (_MESSAGE if "role" in item else "")
    if kind == _MESSAGE:
        role = _string(item.get("role")) or ""
        return (Message(role=role, text=content_text(item.get("content")), path=path),)
    call_id = _string(item.get("call_id"))
    if kind in _CALL_TYPES:
        arguments = _string(item.get(_CALL_TYPES[kind])) or ""
        name = _string(item.get("name")) or ""
        return (ToolCall(call_id=call_id, name=name, arguments=arguments, path=path),)
    if kind.endswith(_OUTPUT_SUFFIX):
        # The output of a local shell names its call by its own id.
        call_id = call_id or _string(item.get("id"))
        text = content_text(item.get("output"))
        # A late output names its function.
        return (ToolOutput(call_id=call_id, of=_string(item.get("name")), text=text, path=path),)
    if kind.endswith("_call") and call_id is not None:
        name = kind.removesuffix("_call")
        arguments = write(next((item[each] for each in _ARGUMENT_MEMBERS if each in item), None))
        return (ToolCall(call_id=call_id, name=name, arguments=arguments, path=path),)
    if kind and kind not in _OF_THE_CLIENT:
        return (AssistantItem(type=kind, path=path),)
    return ()


def content_text(content: JSON) -> str:
    """The text of a content: itself, or its text parts joined by newlines; other JSON as text.

    The output of a shell counts as a text part.
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
        texts = (_string(part.get(member)) for member in _PART_TEXTS)
        return next((text for text in texts if text is not None), None)
    return None


def read_tools(body: JSONObject) -> tuple[str, ...]:
    """Names of the tools offered; a hosted tool without a name goes by its type."""
    return (*_tool_names(body.get("tools")), *_tool_names(body.get("functions")))


def _tool_names(tools: JSON) -> list[str]:
    found: list[str] = []
    for tool in tools if isinstance(tools, list) else []:
        if not isinstance(tool, dict):
            continue
        inner = tool.get("function") or tool.get("custom")
        holder = inner if isinstance(inner, dict) else tool
        name = _string(holder.get("name")) or _string(tool.get("type"))
        if name is not None:
            found.append(name)
        found.extend(_tool_names(tool.get("tools")))
    return found


def _string(value: JSON) -> str | None:
    return value if isinstance(value, str) else None
