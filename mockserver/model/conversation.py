"""What a request's body says, told alike for every endpoint: a list of spoken pieces.

The readers in `call.py` turn chat messages and Responses items into these values; conditions,
usage and the typed views for tests look at nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

ASSISTANT = "assistant"
USER = "user"
SYSTEM_ROLES = frozenset({"system", "developer"})


# Every request is read into these, and freezing would double what it takes to make one.


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
    """What a tool answered; `of` is the name of the tool called, None when no call in the
    conversation bears the id."""

    call_id: str | None
    of: str | None
    text: str
    path: str


@dataclass(slots=True, kw_only=True)
class AssistantItem:
    """Anything else the assistant said: reasoning, hosted tool calls, compaction."""

    type: str
    path: str


ConversationItem: TypeAlias = Message | ToolCall | ToolOutput | AssistantItem


@dataclass(slots=True, kw_only=True)
class Conversation:
    """`instructions` is the Responses parameter of that name, None elsewhere."""

    pieces: tuple[ConversationItem, ...] = ()
    instructions: str | None = None

    @property
    def user(self) -> str | None:
        """Text of the last user message."""
        for piece in reversed(self.pieces):
            if isinstance(piece, Message) and piece.role == USER:
                return piece.text
        return None

    @property
    def system(self) -> tuple[str, ...]:
        """Instructions first, then every system or developer message."""
        found = [] if self.instructions is None else [self.instructions]
        found.extend(
            piece.text
            for piece in self.pieces
            if isinstance(piece, Message) and piece.role in SYSTEM_ROLES
        )
        return tuple(found)

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text in order: instructions, messages, call arguments, tool outputs."""
        found = [] if self.instructions is None else [self.instructions]
        for piece in self.pieces:
            match piece:
                case Message() | ToolOutput():
                    found.append(piece.text)
                case ToolCall():
                    found.append(piece.arguments)
        return tuple(found)

    @property
    def turn(self) -> int:
        """Assistant turns so far; what the assistant said in one go counts once."""
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
        found: list[ToolOutput] = []
        for piece in reversed(self.pieces):
            if isinstance(piece, ToolOutput):
                found.append(piece)
            elif _by_assistant(piece):
                break
        return tuple(reversed(found))


def _by_assistant(piece: ConversationItem) -> bool:
    match piece:
        case Message():
            return piece.role == ASSISTANT
        case ToolOutput():
            return False
        case _:
            return True
