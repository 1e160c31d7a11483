"""Recorded exchanges as a test reads them: typed, read-only, filtered by conditions."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Self, TypeAlias, overload

from mockserver.client.scenario_files import to_json
from mockserver.errors import UsageError, VerificationError
from mockserver.model.call import Call
from mockserver.model.conditions import Condition
from mockserver.model.conversation import Conversation, Message, ToolCall, ToolOutput
from mockserver.model.endpoint import ENDPOINTS, Endpoint
from mockserver.model.frames import OutcomeKind
from mockserver.model.json import JSON, JSONObject, JSONReadError, as_list, as_object, objects, read_text, write

On: TypeAlias = "str | tuple[str, ...] | list[str]"
Step: TypeAlias = "str | Mapping[str, object]"

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


class RecordedReply:
    """What was sent of a reply, faults included. `body` is without chunk sizes, with its content coding."""

    def __init__(self, document: JSONObject) -> None:
        self._document = document

    def __repr__(self) -> str:
        return f"<RecordedReply {self.status}, {len(self.body)} bytes>"

    @property
    def status(self) -> int:
        return _number(self._document["status"])

    @cached_property
    def headers(self) -> RecordedHeaders:
        return RecordedHeaders(_pairs(self._document["headers"]))

    @cached_property
    def body(self) -> bytes:
        return _bytes(self._document)

    @cached_property
    def events(self) -> tuple[Any, ...]:
        """The data of each event of an event stream as Python values, a text where it is not JSON, such
        as `[DONE]`; empty for any other reply."""
        from mockserver.contract.judge import read_stream  # noqa: PLC0415  # heavy; few tests read events

        if "text/event-stream" not in self.headers.get("content-type", ""):
            return ()
        values = [(one.data, read_text(one.data)) for one in read_stream(self.body).messages]
        return tuple(text if isinstance(value, JSONReadError) else value for text, value in values)


class RecordedRequest:
    """A request with its reply and outcome, as they were when it was read.

    `document` is the whole journal entry, credentials readable."""

    def __init__(self, document: JSONObject) -> None:
        self.document = document

    def __repr__(self) -> str:
        return f"<RecordedRequest {self.report.partition(chr(10))[0]}>"

    # --- the request ---

    @property
    def number(self) -> int:
        """Its number in the journal, from 1."""
        return _number(self.document["number"])

    @property
    def endpoint(self) -> Endpoint | None:
        """`chat`, `responses` or `compact`; None where the path is not an endpoint or the request
        was rejected before its body was read."""
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
        """The API key it was sent with, without `Bearer`."""
        for name in _KEY_HEADERS:
            value = self.headers.get(name)
            if value:
                return value.rpartition(" ")[2]
        return None

    @cached_property
    def body(self) -> bytes:
        """The body as it was sent, still with its content coding."""
        return _bytes(self._request)

    @property
    def json(self) -> Any:
        """The body as Python values; None where it is not JSON."""
        return self.document["json"]

    # --- its content ---

    @cached_property
    def conversation(self) -> Conversation:
        """The messages or items of the body, in one form for every endpoint."""
        return self.call.conversation

    @property
    def model(self) -> str | None:
        return self.call.model

    @property
    def stream(self) -> bool:
        return self.call.stream

    @property
    def messages(self) -> tuple[Message, ...]:
        """Every message with its `role` and `text`, without tool calls and outputs; the raw ones are in `json`."""
        return tuple(one for one in self.conversation.pieces if isinstance(one, Message))

    @property
    def user(self) -> str | None:
        return self.conversation.user

    @property
    def system(self) -> str | None:
        """System, developer and instructions text."""
        return "\n".join(self.conversation.system) or None

    @property
    def tools(self) -> tuple[str, ...]:
        return self.call.tools

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """Calls that the assistant made earlier in the conversation."""
        return tuple(one for one in self.conversation.pieces if isinstance(one, ToolCall))

    @property
    def tool_results(self) -> tuple[ToolOutput, ...]:
        """Tool outputs after the last message of the assistant, as the condition `tool_result`
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
            parameters={name: str(value) for name, value in as_object(self.document["parameters"]).items()},
        )

    # --- its time ---

    @property
    def received_at(self) -> float:
        """When it was received, in seconds on the server's monotonic clock; compare requests of one server with it."""
        value = self.document["received_at"]
        assert isinstance(value, int | float)  # noqa: S101  # the document's own form
        return float(value)

    @property
    def received_time(self) -> datetime:
        """When it was received, in UTC."""
        return datetime.fromisoformat(str(self.document["received_time"]))

    # --- its reply ---

    @cached_property
    def reply(self) -> RecordedReply | None:
        """What was sent, None where nothing was."""
        given = self.document.get("reply")
        return RecordedReply(given) if isinstance(given, dict) else None

    @property
    def status(self) -> int:
        """HTTP status of the answer, 0 where none was sent."""
        return _number(self.document["status"])

    @property
    def retry_after_s(self) -> float | None:
        """How long its reply asked the client to wait, by `retry-after-ms` or `retry-after`; None where it did not."""
        given = self.document["retry_after_s"]
        return float(given) if isinstance(given, int | float) else None

    @property
    def matched(self) -> bool:
        return self.document["match"] is not None

    @property
    def unmatched(self) -> bool:
        """Whether it was matched against stubs and none matched."""
        return self.document["miss"] is not None

    @property
    def stub(self) -> str | None:
        return self._matched("stub")

    @property
    def scenario(self) -> str | None:
        return self._matched("scenario")

    @property
    def findings(self) -> tuple[str, ...]:
        """Ids of the contract rules that it violates, notices included."""
        return tuple(str(one["rule"]) for one in objects(self.document["findings"]))

    @property
    def outcome(self) -> OutcomeKind | None:
        """How the reply ended: `complete`, `cut`, `reset`, `stalled`, `client_left`; None while it is in flight."""
        given = self.document["outcome"]
        return OutcomeKind(str(given["how"])) if isinstance(given, dict) else None

    @property
    def client_left(self) -> bool:
        """Whether the client disconnected before the end of its reply."""
        return self.outcome is OutcomeKind.CLIENT_LEFT

    @property
    def report(self) -> str:
        """The exchange in one line, followed by one line for each finding."""
        return str(self.document["report"])

    def _matched(self, name: str) -> str | None:
        match = self.document["match"]
        return str(match[name]) if isinstance(match, dict) else None

    @property
    def _request(self) -> JSONObject:
        request = self.document["request"]
        assert isinstance(request, dict)  # noqa: S101  # the document's own form
        return request


def _bytes(document: JSONObject) -> bytes:
    text = str(document["body"])
    return b64decode(text) if document["encoding"] == "base64" else text.encode("utf-8")


class Requests(Sequence[RecordedRequest]):
    """A snapshot of requests in order of arrival."""

    def __init__(self, requests: Sequence[RecordedRequest]) -> None:
        self._requests = tuple(requests)

    @overload
    def __getitem__(self, index: int) -> RecordedRequest: ...
    @overload
    def __getitem__(self, index: slice) -> Requests: ...
    def __getitem__(self, index: int | slice) -> RecordedRequest | Requests:
        if isinstance(index, slice):
            return Requests(self._requests[index])
        try:
            return self._requests[index]
        except IndexError:
            raise IndexError(f"no request [{index}] among {len(self)}:\n{self.text}") from None

    def __len__(self) -> int:
        return len(self._requests)

    def __iter__(self) -> Iterator[RecordedRequest]:
        return iter(self._requests)

    def __repr__(self) -> str:
        return f"<Requests: {len(self)}>"

    def where(
        self, *, on: On | None = None, when: Mapping[str, object] | None = None, stub: str | None = None
    ) -> Requests:
        """Those for an endpoint, that satisfy conditions as under `when`, that a stub answered."""
        return Filter.of(on=on, when=when, stub=stub).select(self)

    @property
    def last(self) -> RecordedRequest:
        """The latest; VerificationError where there is none."""
        if not self._requests:
            raise VerificationError("no requests received.")
        return self._requests[-1]

    @property
    def text(self) -> str:
        """One line for each, as in the journal of a failed test."""
        return "\n".join(one.report for one in self._requests) or "no requests received."


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which requests are meant: by endpoint, by stub, and by the conditions of `when`; an empty
    filter holds for every request. `text` describes it in messages."""

    on: tuple[Endpoint, ...] = ()
    conditions: tuple[Condition, ...] = ()
    stub: str | None = None
    text: str = ""

    @classmethod
    def of(cls, *, on: On | None = None, when: Mapping[str, object] | None = None, stub: str | None = None) -> Self:
        """Read a filter from the keys of a scenario.

        Raises ScenarioError: a condition is wrong; UsageError: there is no such endpoint."""
        conditions: tuple[Condition, ...] = ()
        if when is not None:
            from mockserver.scenario.load import load_conditions  # noqa: PLC0415  # heavy; few tests filter

            conditions = load_conditions(to_json(when), "filter")
        given = {"on": on, "when": when, "stub": stub}
        shown = {name: to_json(value) for name, value in given.items() if value is not None}
        return cls(
            on=_endpoints(on),
            conditions=conditions,
            stub=stub,
            text=", ".join(
                f"{name}={value!r}" if isinstance(value, str) else f"{name}={write(value)}"
                for name, value in shown.items()
            ),
        )

    @classmethod
    def of_step(cls, step: Step) -> Self:
        """Read a step of an order: the name of a stub, or a mapping of `on`, `when` and `stub`.

        Raises ScenarioError, UsageError: as above."""
        if isinstance(step, str):
            return cls.of(stub=step)
        unknown = step.keys() - {"on", "when", "stub"}
        if unknown:
            raise UsageError(f"unknown key {min(unknown)!r} in a step: expected on, when, stub")
        on, when, stub = step.get("on"), step.get("when"), step.get("stub")
        if not (on is None or isinstance(on, str | list | tuple)):
            raise UsageError(f"'on' in a step: expected an endpoint or a list of them, got {on!r}")
        if not (when is None or isinstance(when, Mapping)):
            raise UsageError(f"'when' in a step: expected a mapping of conditions, got {when!r}")
        if not (stub is None or isinstance(stub, str)):
            raise UsageError(f"'stub' in a step: expected the name of a stub, got {stub!r}")
        return cls.of(on=on, when=when, stub=stub)

    def holds(self, request: RecordedRequest) -> bool:
        if self.on and request.endpoint not in self.on:
            return False
        if self.stub is not None and request.stub != self.stub:
            return False
        return not any(condition.mismatches(request.call) for condition in self.conditions)

    def select(self, requests: Requests) -> Requests:
        return Requests([one for one in requests if self.holds(one)])


def early_lines(limited: RecordedRequest, requests: Requests) -> Iterator[str]:
    """A line for each request that came between the end of a reply and the time until which it asked to wait."""
    wait_s, outcome = limited.retry_after_s or 0.0, limited.document["outcome"]
    seconds = as_object(outcome).get("seconds") if isinstance(outcome, dict) else None
    end_s = _seconds(limited.document["at_s"]) + _seconds(seconds)
    for one in requests:
        pause_s = _seconds(one.document["at_s"]) - end_s
        if one.path == limited.path and one.number > limited.number and 0 <= pause_s < wait_s:
            yield (
                f"#{one.number} came {pause_s * 1000:.0f} ms after the reply to #{limited.number}, "
                f"which asked to wait {wait_s * 1000:.0f} ms"
            )


def _seconds(value: JSON) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _endpoints(on: On | None) -> tuple[Endpoint, ...]:
    if on is None:
        return ()
    names = (on,) if isinstance(on, str) else tuple(on)
    known = {*ENDPOINTS.scripted, Endpoint.PATH}
    for name in names:
        if name not in known:
            raise UsageError(f"no endpoint {name!r}: expected {', '.join(sorted(known))}")
    return tuple(Endpoint(name) for name in names)


def _pairs(value: JSON) -> tuple[tuple[str, str], ...]:
    return tuple((str(one[0]), str(one[1])) for one in as_list(value) if isinstance(one, list))


def _number(value: JSON) -> int:
    return value if isinstance(value, int) else 0
