"""One exchange as a test looks at it: typed, read-only, the same near and far."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from mockserver.model.call import Call
from mockserver.model.conversation import Conversation, Message, ToolCall, ToolOutput
from mockserver.model.endpoint import Endpoint
from mockserver.model.frames import OutcomeKind
from mockserver.model.json import JSON, JSONObject

_KEY_HEADERS = ("authorization", "x-api-key", "api-key")


class RecordedHeaders(Mapping[str, str]):
    """Headers by name in any case; of repeated ones the first. `pairs` is all, as received."""

    def __init__(self, pairs: tuple[tuple[str, str], ...]) -> None:
        self.pairs = pairs

    def __getitem__(self, name: str) -> str:
        for key, value in self.pairs:
            if key.lower() == name.lower():
                return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name.lower() for name, _ in self.pairs))

    def __len__(self) -> int:
        return len({name.lower() for name, _ in self.pairs})

    def __repr__(self) -> str:
        return f"RecordedHeaders({', '.join(self)})"

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a repeated header, in order."""
        return tuple(value for key, value in self.pairs if key.lower() == name.lower())


class RecordedRequest:
    """A request and what became of it, as it stood when it was asked for.

    `document` is all of it as the control routes tell it, credentials readable.
    """

    def __init__(self, document: JSONObject) -> None:
        self.document = document

    def __repr__(self) -> str:
        return f"<RecordedRequest {self.report.partition(chr(10))[0]}>"

    # --- what was asked ---

    @property
    def number(self) -> int:
        """Its number in the journal, from 1."""
        return _number(self.document["number"])

    @property
    def endpoint(self) -> Endpoint | None:
        """`chat`, `responses` or `compact`; None where the path is no endpoint or the request
        was refused before its body was read."""
        name = self.document["endpoint"]
        return Endpoint(name) if isinstance(name, str) else None

    @property
    def method(self) -> str:
        return str(self._request["method"])

    @property
    def path(self) -> str:
        """The decoded path, below any sandbox prefix."""
        return str(self._request["path"])

    @cached_property
    def query(self) -> tuple[tuple[str, str], ...]:
        return _pairs(self._request["query"])

    @cached_property
    def headers(self) -> RecordedHeaders:
        return RecordedHeaders(_pairs(self._request["headers"]))

    @property
    def key(self) -> str | None:
        """The API key it bore, without `Bearer`."""
        for name in _KEY_HEADERS:
            value = self.headers.get(name)
            if value:
                return value.rpartition(" ")[2]
        return None

    @cached_property
    def body(self) -> bytes:
        """The body as it was sent, content coding left on."""
        text = str(self._request["body"])
        coded = self._request["encoding"] == "base64"
        return b64decode(text) if coded else text.encode("utf-8")

    @property
    def json(self) -> Any:
        """The body as Python values; None where it is no JSON."""
        return self.document["json"]

    # --- what it says ---

    @cached_property
    def conversation(self) -> Conversation:
        """The messages or items of the body, told alike for every endpoint."""
        return self.call.conversation

    @property
    def model(self) -> str | None:
        return self.call.model

    @property
    def stream(self) -> bool:
        """Whether a stream was asked for."""
        return self.call.stream

    @property
    def messages(self) -> tuple[Message, ...]:
        """Every message with its `role` and `text`, tool calls and outputs aside; the raw ones
        are in `json`."""
        return tuple(one for one in self.conversation.pieces if isinstance(one, Message))

    @property
    def user(self) -> str | None:
        """Text of the last user message."""
        return self.conversation.user

    @property
    def system(self) -> str | None:
        """System, developer and instructions text."""
        return "\n".join(self.conversation.system) or None

    @property
    def tools(self) -> tuple[str, ...]:
        """Names of the tools offered."""
        return self.call.tools

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """Calls that the assistant made earlier in the conversation."""
        return tuple(one for one in self.conversation.pieces if isinstance(one, ToolCall))

    @property
    def tool_results(self) -> tuple[ToolOutput, ...]:
        """Tool outputs after the last word of the assistant, as the condition `tool_result`
        sees them: `of`, `call_id`, `text`."""
        return self.conversation.new_tool_results

    @cached_property
    def call(self) -> Call:
        """The request as conditions read it."""
        body = self.document["json"]
        return Call(
            endpoint=self.endpoint or Endpoint.CHAT,
            body=body if isinstance(body, dict) else {},
            headers=self.headers.pairs,
            query=self.query,
        )

    # --- what became of it ---

    @property
    def status(self) -> int:
        """HTTP status of the answer, 0 where none was sent."""
        return _number(self.document["status"])

    @property
    def matched(self) -> bool:
        """Whether a stub answered."""
        return self.document["match"] is not None

    @property
    def unmatched(self) -> bool:
        """Whether stubs were asked and none answered."""
        return self.document["miss"] is not None

    @property
    def stub(self) -> str | None:
        """Name of the stub that answered."""
        return self._matched("stub")

    @property
    def scenario(self) -> str | None:
        """Name of the scenario that answered."""
        return self._matched("scenario")

    @property
    def findings(self) -> tuple[str, ...]:
        """Ids of the contract rules that it broke, notices included."""
        told = self.document["findings"]
        listed = told if isinstance(told, list) else []
        return tuple(str(one["rule"]) for one in listed if isinstance(one, dict))

    @property
    def outcome(self) -> OutcomeKind | None:
        """How the reply ended: `complete`, `cut`, `reset`, `stalled`, `client_left`; None while
        it is under way."""
        told = self.document["outcome"]
        return OutcomeKind(str(told["how"])) if isinstance(told, dict) else None

    @property
    def client_left(self) -> bool:
        """Whether the client went away before its reply had ended."""
        return self.outcome is OutcomeKind.CLIENT_LEFT

    @property
    def report(self) -> str:
        """The exchange in a line, and below it a line for each finding."""
        return str(self.document["report"])

    def _matched(self, name: str) -> str | None:
        match = self.document["match"]
        return str(match[name]) if isinstance(match, dict) else None

    @property
    def _request(self) -> JSONObject:
        request = self.document["request"]
        assert isinstance(request, dict)  # noqa: S101  # the document's own form
        return request


def _pairs(told: JSON) -> tuple[tuple[str, str], ...]:
    pairs = told if isinstance(told, list) else []
    return tuple((str(one[0]), str(one[1])) for one in pairs if isinstance(one, list))


def _number(told: JSON) -> int:
    return told if isinstance(told, int) else 0
