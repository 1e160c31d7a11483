"""Reading the messages and items that clients send, each form as one value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import (
    JSON,
    AssistantItem,
    Conversation,
    ConversationItem,
    JSONObject,
    Message,
    ToolCall,
    ToolOutput,
    content_text,
    read_conversation,
)


def said(role: str, text: str, path: str) -> Message:
    return Message(role=role, text=text, path=path)


def called(call_id: str | None, name: str, arguments: str, path: str) -> ToolCall:
    return ToolCall(call_id=call_id, name=name, arguments=arguments, path=path)


def answered(call_id: str | None, of: str | None, text: str, path: str) -> ToolOutput:
    return ToolOutput(call_id=call_id, of=of, text=text, path=path)


def function_call(call_id: str = "c1", name: str = "add", arguments: str = "{}") -> JSONObject:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


CHAT: dict[str, tuple[list[JSON], list[ConversationItem]]] = {
    "content as a string": ([{"role": "system", "content": "be kind"}, {"role": "user", "content": "hi"}],
        [said("system", "be kind", "messages[0]"), said("user", "hi", "messages[1]")]),
    "content as parts": (
        [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "data:"}},
                    {"type": "text", "text": ""}, {"type": "text", "text": "b"}, "c", 7,
                ],
            }
        ],
        [said("user", "a\n\nb\nc", "messages[0]")],
    ),
    "content null or absent": ([{"role": "user", "content": None}, {"role": "user"}],
        [said("user", "", "messages[0]"), said("user", "", "messages[1]")]),
    "content of another type": ([{"role": "user", "content": 7}], [said("user", "7", "messages[0]")]),
    "a tool round trip": ([{"role": "assistant", "content": None, "tool_calls": [function_call()]},
        {"role": "tool", "tool_call_id": "c1", "content": "3"}],
        [called("c1", "add", "{}", "messages[0].tool_calls[0]"), answered("c1", "add", "3", "messages[1]")]),
    "text beside calls": ([{"role": "assistant", "content": "let me", "tool_calls": [function_call()]}],
        [said("assistant", "let me", "messages[0]"), called("c1", "add", "{}", "messages[0].tool_calls[0]")]),
    "a custom tool": ([{"role": "assistant",
        "tool_calls": [{"id": "c1", "type": "custom", "custom": {"name": "sh", "input": "ls"}}]}],
        [called("c1", "sh", "ls", "messages[0].tool_calls[0]")]),
    "calls without what they need": ([{"role": "assistant", "tool_calls": [7, {"function": {}}, {"id": "c"}]}],
        [called(None, "", "", "messages[0].tool_calls[1]")]),
    "the older function call": ([{"role": "assistant", "function_call": {"name": "add", "arguments": "{}"}},
        {"role": "function", "name": "add", "content": "3"}],
        [called(None, "add", "{}", "messages[0].function_call"), answered(None, "add", "3", "messages[1]")]),
    "the older function call, empty": ([{"role": "assistant", "function_call": {}}],
        [called(None, "", "", "messages[0].function_call")]),
    "a refusal": ([{"role": "assistant", "content": None, "refusal": "no"},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "never"}]}],
        [said("assistant", "no", "messages[0]"), said("assistant", "never", "messages[1]")]),
    "an output that answers nothing":
        ([{"role": "tool", "tool_call_id": "c9", "content": [{"type": "text", "text": "3"}]}],
        [answered("c9", None, "3", "messages[0]")]),
    "what is no message": (["hi", {}, {"role": 7, "content": "x"}],
        [said("", "", "messages[1]"), said("", "x", "messages[2]")]),
}  # fmt: skip


@pytest.mark.parametrize(("messages", "pieces"), CHAT.values(), ids=CHAT)
def test_chat_messages(messages: list[JSON], pieces: list[ConversationItem]) -> None:
    assert read_conversation({"messages": messages}) == Conversation(pieces=tuple(pieces))


ITEMS: dict[str, tuple[JSON, list[ConversationItem]]] = {
    "a string": ("hi", [said("user", "hi", "input")]),
    "nothing": (None, []),
    "messages without type": ([{"role": "developer", "content": "be kind"}, {"role": "user", "content": "hi"}],
        [said("developer", "be kind", "input[0]"), said("user", "hi", "input[1]")]),
    "messages with type": ([{"type": "message", "role": "user", "content": "hi"}], [said("user", "hi", "input[0]")]),
    "content as parts": (
        [
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "a"},
                    {"type": "input_image", "image_url": "data:"},
                    {"type": "input_text", "text": "b"},
                ],
            },
            {
                "type": "message",
                "role": "assistant",
                "content": [
                    {"type": "output_text", "text": "c", "annotations": []},
                    {"type": "refusal", "refusal": "d"},
                ],
            },
        ],
        [said("user", "a\nb", "input[0]"), said("assistant", "c\nd", "input[1]")],
    ),
    "a tool round trip": ([{"type": "function_call", "call_id": "c1", "name": "add", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "3"}],
        [called("c1", "add", "{}", "input[0]"), answered("c1", "add", "3", "input[1]")]),
    "an output with an id of its own, as parts": ([{"type": "custom_tool_call", "call_id": "c1", "name": "sh",
        "input": "ls", "id": "x"}, {"type": "custom_tool_call_output", "id": "y", "call_id": "c1",
        "output": [{"type": "input_text", "text": "a"}, {"type": "input_text", "text": "b"}]}],
        [called("c1", "sh", "ls", "input[0]"), answered("c1", "sh", "a\nb", "input[1]")]),
    "a call of an MCP server": ([{"type": "mcp_call", "id": "m", "name": "look", "arguments": "{}", "output": "x"}],
        [called(None, "look", "{}", "input[0]")]),
    "a local shell": ([{"type": "local_shell_call", "call_id": "c1", "action": {"command": ["ls"]}},
        {"type": "local_shell_call_output", "id": "c1", "output": "a.txt"}], [called("c1", "local_shell",
        '{"command":["ls"]}', "input[0]"), answered("c1", "local_shell", "a.txt", "input[1]")]),
    "a shell": ([{"type": "shell_call", "call_id": "c1", "action": {"commands": ["ls"]}}, {"type": "shell_call_output",
        "call_id": "c1", "output": [{"stdout": "a.txt", "stderr": "", "outcome": {"type": "exit"}}]}],
        [called("c1", "shell", '{"commands":["ls"]}', "input[0]"), answered("c1", "shell", "a.txt", "input[1]")]),
    "other calls that the client carries out": (
        [
            {"type": "apply_patch_call", "call_id": "c1", "operation": {"type": "create_file"}},
            {"type": "computer_call", "call_id": "c2", "actions": [{"type": "click"}]},
            {"type": "tool_search_call", "call_id": "c3", "arguments": {"query": "x"}},
            {"type": "tomorrow_call", "call_id": "c4"},
            {"type": "computer_call_output", "call_id": "c2", "output": {"type": "computer_screenshot"}},
        ],
        [
            called("c1", "apply_patch", '{"type":"create_file"}', "input[0]"),
            called("c2", "computer", '[{"type":"click"}]', "input[1]"),
            called("c3", "tool_search", '{"query":"x"}', "input[2]"),
            called("c4", "tomorrow", "null", "input[3]"),
            answered("c2", "computer", '{"type":"computer_screenshot"}', "input[4]"),
        ],
    ),
    "what the assistant said beside text": ([{"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "web_search_call", "id": "ws_1", "status": "completed"},
        {"type": "compaction", "encrypted_content": "gAAAA"}], [AssistantItem(type="reasoning", path="input[0]"),
        AssistantItem(type="web_search_call", path="input[1]"), AssistantItem(type="compaction", path="input[2]")]),
    "what is the client's": ([{"type": "item_reference", "id": "msg_1"}, {"type": "mcp_approval_response",
        "approval_request_id": "x", "approve": True}, {"type": "compaction_trigger"}], []),
    "what is no item": (["hi", {}, {"type": 7}], []),
    "calls without what they need": ([{"type": "function_call"}, {"type": "function_call_output"}, {"type": "message"}],
        [called(None, "", "", "input[0]"), answered(None, None, "", "input[1]"), said("", "", "input[2]")]),
}  # fmt: skip


@pytest.mark.parametrize(("given", "pieces"), ITEMS.values(), ids=ITEMS)
def test_responses_items(given: JSON, pieces: list[ConversationItem]) -> None:
    assert read_conversation({"input": given}) == Conversation(pieces=tuple(pieces))


def test_messages_win_over_input_and_instructions() -> None:
    body: JSONObject = {"messages": [], "input": "hi", "instructions": "be kind"}
    assert read_conversation(body) == Conversation()


@pytest.mark.parametrize("given", ["hi", [{"role": "user", "content": "hi"}]])
def test_instructions_come_before_the_input(given: JSON) -> None:
    conversation = read_conversation({"input": given, "instructions": "be kind"})
    assert conversation.instructions == "be kind"
    assert conversation.system == ("be kind",)
    assert conversation.texts == ("be kind", "hi")


def test_every_text_is_listed_in_order() -> None:
    conversation = read_conversation(
        {
            "input": [
                {"role": "developer", "content": "a"},
                {"role": "system", "content": "b"},
                {"role": "user", "content": "c"},
                {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hidden"}]},
                {"type": "function_call", "call_id": "c1", "name": "add", "arguments": "d"},
                {"type": "function_call_output", "call_id": "c1", "output": "e"},
                {"role": "user", "content": "f"},
            ],
            "tools": [{"type": "function", "name": "never", "description": "never"}],
        }
    )
    assert conversation.system == ("a", "b")
    assert conversation.user == "f"
    assert conversation.texts == ("a", "b", "c", "d", "e", "f")


CALL: JSONObject = {"type": "function_call", "call_id": "c1", "name": "add", "arguments": "{}"}
OUTPUT: JSONObject = {"type": "function_call_output", "call_id": "c1", "output": "3"}
THOUGHT: JSONObject = {"type": "reasoning", "summary": []}
USER: JSONObject = {"role": "user", "content": "hi"}
SPEECH: JSONObject = {"role": "assistant", "content": "hello"}

FRESH = (answered("c1", "add", "3", "input[2]"),)
TURNS: dict[str, tuple[list[JSON], int, tuple[ToolOutput, ...]]] = {
    "no messages": ([], 0, ()),
    "the user spoke": ([USER], 0, ()),
    "the assistant spoke": ([USER, SPEECH, USER], 1, ()),
    "what is said in one go is one turn": ([USER, THOUGHT, CALL, CALL], 1, ()),
    "an output is fresh": ([USER, CALL, OUTPUT], 1, FRESH),
    "also before a user message": ([USER, CALL, OUTPUT, USER], 1, FRESH),
    "until the assistant speaks": ([USER, CALL, OUTPUT, SPEECH, USER], 2, ()),
    "or calls": ([USER, CALL, OUTPUT, CALL], 2, ()),
    "or thinks": ([USER, CALL, OUTPUT, THOUGHT], 2, ()),
}


@pytest.mark.parametrize(("items", "turn", "fresh"), TURNS.values(), ids=TURNS)
def test_turns_and_fresh_outputs(items: list[JSON], turn: int, fresh: tuple[ToolOutput, ...]) -> None:
    conversation = read_conversation({"input": items})
    assert (conversation.turn, conversation.new_tool_results) == (turn, fresh)


def test_an_empty_conversation_has_no_texts() -> None:
    empty = Conversation()
    assert (empty.user, empty.system, empty.texts) == (None, (), ())


@pytest.mark.parametrize(
    ("content", "text"),
    [("a", "a"), (None, ""), ([], ""), ([{"type": "x"}], ""), ({"a": 1}, '{"a":1}'), (True, "true")],
)
def test_the_text_of_a_content(content: JSON, text: str) -> None:
    assert content_text(content) == text


def parts_of(conversation: Conversation) -> tuple[object, ...]:
    return conversation.user, conversation.texts, conversation.system, conversation.turn


_WORDS = st.sampled_from(["", "a", "b"])
_ENTRIES: st.SearchStrategy[JSON] = st.one_of(
    st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant", "tool", "system"]), "content": _WORDS}),
    st.fixed_dictionaries(
        {"role": st.just("user"), "content": st.lists(st.builds(lambda t: {"text": t}, _WORDS))},
        optional={"name": _WORDS},
    ),
    st.sampled_from([CALL, OUTPUT, THOUGHT, None, 7, {}, {"role": "user"}, {"role": 1, "a": 2}]),
    st.builds(
        lambda text: {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "function": {"name": "add", "arguments": text}}],
        },
        _WORDS,
    ),
)


@given(st.lists(_ENTRIES, max_size=5), st.sampled_from(["messages", "input"]))
def test_what_is_asked_first_changes_nothing(entries: list[JSON], member: str) -> None:
    read = read_conversation({member: entries})
    whole = Conversation(read_conversation({member: entries}).pieces)
    assert parts_of(read) == parts_of(whole)
    assert read == whole
    assert parts_of(read) == parts_of(whole)


def test_a_conversation_shows_its_pieces() -> None:
    assert repr(Conversation(())) == "Conversation(pieces=(), instructions=None)"
