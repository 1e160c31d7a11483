"""Validation of a chat stream: the order of its chunks, and the chunks of each choice.

Words of the chunk machine: `choices` is a chunk with choices, `usage` and `moderation` one without
choices but with these, `empty` one without any, `error` an error chunk; `end` is the end of the
stream while a choice is unfinished, `finished end` while none is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from mockserver.contract import IllegalTransition, Machine
from mockserver.contract.invariants import CHAT_USAGE, finish_reason_findings, usage_findings
from mockserver.contract.reply_contract import ChatOptions, EmptyChunks, ReplyContract, Requirement, UsagePlace
from mockserver.contract.rules import DONE, FindingCollector, check_event_line, event_object, finding, is_done
from mockserver.model.findings import Finding
from mockserver.model.frames import Event
from mockserver.model.json import JSON, JSONObject, describe_value, json_difference, member_path

END: Final = "end"
FINISHED_END: Final = "finished end"

_BEFORE_DONE: Final = ("start", "open", "counted", "moderated")

CHUNKS: Final = Machine(
    name="chat",
    rule="chat.chunk.order",
    start="start",
    steps={
        "start": {"choices": "open", "error": "erred"},
        "open": {"choices": "open", "usage": "counted", "moderation": "moderated", "error": "erred", DONE: "done"},
        "counted": {"moderation": "moderated", "error": "erred", DONE: "done"},
        "moderated": {"error": "erred", DONE: "done"},
        "erred": {DONE: "done", END: "over", FINISHED_END: "over"},
        "done": {END: "over", FINISHED_END: "over"},
        "over": {},
    },
    refused={
        **{(state, "empty"): "chat.chunk.empty" for state in _BEFORE_DONE},
        **{(state, END): "chat.terminal.missing" for state in _BEFORE_DONE},
        **{(state, FINISHED_END): "chat.done.missing" for state in _BEFORE_DONE[1:]},
        ("start", FINISHED_END): "chat.terminal.missing",
        ("start", DONE): "chat.terminal.missing",
        **{(state, "choices"): "chat.usage.last" for state in ("counted", "moderated")},
        **{(state, "usage"): "chat.usage.one" for state in ("counted", "moderated")},
        ("erred", "*"): "chat.error.last",
        ("done", DONE): "chat.done.once",
        ("done", "*"): "chat.done.last",
    },
    labels={
        "choices": "a chunk with choices",
        "usage": "a usage chunk",
        "moderation": "a moderation chunk",
        "empty": "a chunk without content",
        "error": "an error chunk",
        END: "the end of the stream",
        FINISHED_END: "the end of the stream",
    },
)

CHOICE: Final = Machine(
    name="chat.choice",
    rule="chat.role.first",
    start="start",
    steps={"start": {"first": "open"}, "open": {"middle": "open", "finish": "finished"}, "finished": {}},
    refused={
        ("open", "first"): "chat.role.once",
        ("finished", "finish"): "chat.finish.once",
        ("finished", "*"): "chat.finish.last",
    },
    labels={
        "first": "a chunk with the role",
        "middle": "a chunk that continues the choice",
        "finish": "a chunk with the finish_reason",
    },
)

# The state after an illegal transition, so that one mistake is reported once.
_STATE_AFTER: Final = {"first": "open", "middle": "open", "finish": "finished"}

# Streams with audio have chunks without choices, usage before their last audio, no finish_reason and
# the role again (observed on the wire, 2026-06).
_NOT_OF_AUDIO: Final = frozenset({"chat.usage.last", "chat.finish.missing", "chat.role.once"})

_CONSTANTS: Final = ("id", "created", "model")
_STATES_WITH_CHOICES: Final = ("open", "counted", "moderated")


def _tool_identity(fragment: JSONObject) -> dict[str, str | None]:
    """The id, type and name in a fragment of a tool call; None where one is absent. What has the
    name of a call of an unknown type is unknown too; its type stands for it."""
    function, custom, kind = fragment.get("function"), fragment.get("custom"), fragment.get("type")
    holder = function if isinstance(function, dict) else custom
    name = holder.get("name") if isinstance(holder, dict) else None
    found = {"id": fragment.get("id"), "type": kind, "name": name if kind in (None, "function", "custom") else kind}
    return {key: value if isinstance(value, str) else None for key, value in found.items()}


class _ChoiceTracker:
    __slots__ = ("_ids", "_options", "_sent", "_state", "_tools")

    def __init__(self, options: ChatOptions) -> None:
        self._options = options
        self._state = CHOICE.start
        self._sent: set[str] = set()
        self._tools: list[dict[str, str | None]] = []
        self._ids: set[str] = set()

    @property
    def finished(self) -> bool:
        return self._state == "finished"

    def take(self, choice: JSONObject, path: str) -> Iterator[Finding]:
        """Check one entry of a chunk's choices, at `path`."""
        found, reason = choice.get("delta"), choice.get("finish_reason")
        delta = found if isinstance(found, dict) else {}
        role = delta.get("role") is not None
        if self._state == "open" and self._options.role_again is not Requirement.FORBIDDEN:
            if not role and self._options.role_again is Requirement.REQUIRED:
                message = "missing, expected the role as in the first chunk"
                yield finding("chat.role.once", f"{path}.delta.role", message)
            role = False
        words = [word for word, sent in (("first", role), ("finish", reason is not None)) if sent]
        for word in words or ["middle"]:
            step = CHOICE.step(self._state, word)
            if isinstance(step, IllegalTransition):
                where = f"{path}.finish_reason" if word == "finish" else f"{path}.delta"
                yield finding(step.rule, where, step.message)
                if self._state == "finished":
                    return
                step = _STATE_AFTER[word]
            self._state = step
        self._sent.update(name for name, value in delta.items() if value)
        fragments = delta.get("tool_calls")
        for number, fragment in enumerate(fragments if isinstance(fragments, list) else []):
            if isinstance(fragment, dict):
                yield from self._fragment(fragment, f"{path}.delta.tool_calls[{number}]")
        if reason is not None:
            content = [name for name, value in delta.items() if value and (name != "role" or role)]
            if content:
                names = ", ".join(member_path("", name) for name in content[:5])
                yield finding("chat.finish.empty", f"{path}.delta", f"expected an empty delta, got {names}")
            yield from finish_reason_findings(reason, self._sent, f"{path}.finish_reason")

    def _fragment(self, fragment: JSONObject, path: str) -> Iterator[Finding]:
        index = fragment.get("index")
        if not isinstance(index, int):
            return
        place, identity = index - self._options.tools_from, _tool_identity(fragment)
        last = len(self._tools) - 1
        if place > last + 1 or place < 0:
            following = last + 1 + self._options.tools_from
            yield finding("chat.tool.order", f"{path}.index", f"expected {following}, got {describe_value(index)}")
        elif place > last:
            yield from self._first_fragment(identity, path)
        elif place < last:
            message = f"{describe_value(index)} again, after the next call had begun"
            yield finding("chat.tool.sequence", f"{path}.index", message)
        else:
            yield from self._later_fragment(identity, path)

    def _first_fragment(self, identity: dict[str, str | None], path: str) -> Iterator[Finding]:
        self._tools.append(identity)
        for name, value in identity.items():
            if value is None:
                yield finding("chat.tool.first", path, f"the first fragment of a tool call has no {name}")
        call_id = identity["id"]
        if call_id is not None:
            if call_id in self._ids:
                message = f"expected a unique id, got {describe_value(call_id)} again"
                yield finding("chat.tool.id", f"{path}.id", message)
            self._ids.add(call_id)

    def _later_fragment(self, identity: dict[str, str | None], path: str) -> Iterator[Finding]:
        if self._options.tool_identity is Requirement.REQUIRED and identity["id"] is None:
            yield finding("chat.tool.later", path, "missing, expected the id as in the first fragment")
            return
        first = self._tools[-1]
        for name, value in identity.items():
            allowed = value == first[name] and self._options.tool_identity is not Requirement.FORBIDDEN
            if value is not None and not allowed:
                message = f"a later fragment of a tool call has {name} {describe_value(value)}"
                yield finding("chat.tool.later", path, message)


def chat_stream_findings(events: Sequence[Event], contract: ReplyContract) -> tuple[Finding, ...]:
    walker = _ChatStreamWalker(contract)
    for event in events:
        walker.take(event)
    walker.end()
    found = walker.findings.all()
    return tuple(one for one in found if not _is_of_audio(one)) if walker.has_audio else found


def _is_of_audio(found: Finding) -> bool:
    no_choices = found.rule == "chat.schema.required" and found.path == "choices"
    return no_choices or found.rule in _NOT_OF_AUDIO


class _ChatStreamWalker:
    def __init__(self, contract: ReplyContract) -> None:
        self.findings = FindingCollector(contract.ignored_rules)
        self._tables = contract.tables
        self._options = contract.chat
        self._state = CHUNKS.start
        self._constants: dict[str, JSON] = {}
        self._choices: dict[int, _ChoiceTracker] = {}
        self._without_usage = 0  # chunks before the usage chunk without a usage member
        self._usages = 0
        self.has_audio = False
        self._label: str | None = None

    def take(self, event: Event) -> None:
        self._label = event.label
        if is_done(event):
            self._done()
            return
        check_event_line(event, self._options.event_lines, "chat", self.findings)
        data = event_object(event, "chat", self.findings)
        if data is None:
            return
        if data.get("error") is not None:
            self.findings.extend(self._tables.check(data["error"], "error", "error", area="error"), self._label)
            self._step("error")
            return
        word = self._word(data)
        if word is None and self._options.empty_chunks is EmptyChunks.FIRST:
            return  # its members are the dialect's own
        self.findings.extend(self._tables.check(data, "chat.chunk", area="chat"), self._label)
        if word is not None and self._step(word):
            self._check_constants(data)
            self._check_usage(data, word)
            self._check_choices(data)

    def end(self) -> None:
        self._label = None
        finished = all(choice.finished for choice in self._choices.values())
        done_optional = self._options.done is not Requirement.REQUIRED
        if not (finished and done_optional and self._state in _STATES_WITH_CHOICES):
            self._step(FINISHED_END if finished else END)
        last = len(self._choices) - 1
        if self._choices and max(self._choices) != last:
            highest = describe_value(max(self._choices))
            self._add("chat.choice.order", "choices", f"expected choices up to {last}, got choices up to {highest}")

    def _add(self, rule: str, path: str, message: str) -> None:
        self.findings.add(rule, path, message, self._label)

    def _step(self, word: str) -> bool:
        step = CHUNKS.step(self._state, word)
        if isinstance(step, IllegalTransition):
            self._add(step.rule, "", step.message)
            return False
        self._state = step
        return True

    def _done(self) -> None:
        answering = self._state in _STATES_WITH_CHOICES
        if not self._step(DONE):
            return
        if self._options.done is Requirement.FORBIDDEN:
            self._add("chat.done.forbidden", "", "expected the end of the stream, got [DONE]")
        for index, choice in self._choices.items() if answering else ():
            if not choice.finished:
                message = f"choice {describe_value(index)} has no finish_reason before [DONE]"
                self._add("chat.finish.missing", "", message)

    def _word(self, data: JSONObject) -> str | None:
        """The machine's word for a chunk; None for a chunk to skip."""
        choices = data.get("choices")
        if not isinstance(choices, list):
            return None
        if choices:
            return "choices"
        for word in ("usage", "moderation"):
            if data.get(word) is not None:
                return word
        empty = self._options.empty_chunks
        first = empty is EmptyChunks.FIRST and self._state == CHUNKS.start
        return None if first or empty is EmptyChunks.ANYWHERE else "empty"

    def _check_constants(self, data: JSONObject) -> None:
        for name in _CONSTANTS:
            if name in data:
                first = self._constants.setdefault(name, data[name])
                if json_difference(data[name], first) is not None:
                    expected, got = describe_value(first), describe_value(data[name])
                    self._add(f"chat.{name}.same", name, f"expected {expected} as before, got {got}")

    def _check_usage(self, data: JSONObject, word: str) -> None:
        usage, sent, options = data.get("usage"), "usage" in data, self._options
        if usage is None:
            self._without_usage += not sent
            if sent and options.usage_null is Requirement.FORBIDDEN:
                self._add("chat.usage.null", "usage", "expected no usage, got null")
            return
        self._usages += 1
        if self._usages > 1 and UsagePlace.EVERY not in options.usage_on:
            self._add("chat.usage.one", "usage", "expected usage once, got it again")
        elif not options.usage_on & _usage_places(data, word):
            places = " or ".join(sorted(options.usage_on)) or "no"
            self._add("chat.usage.place", "usage", f"expected usage on {places} chunk, got it on a chunk with {word}")
        elif word == "usage" and options.usage_null is Requirement.REQUIRED and self._without_usage:
            message = f"expected usage null in {self._without_usage} chunks before, got none"
            self._add("chat.usage.null", "usage", message)
        self.findings.extend(usage_findings(usage, CHAT_USAGE, "chat", "usage"), self._label)

    def _check_choices(self, data: JSONObject) -> None:
        choices = data.get("choices")
        for place, choice in enumerate(choices if isinstance(choices, list) else []):
            index = choice.get("index") if isinstance(choice, dict) else None
            if isinstance(choice, dict) and isinstance(index, int):
                delta = choice.get("delta")
                self.has_audio = self.has_audio or (isinstance(delta, dict) and "audio" in delta)
                tracker = self._choices.setdefault(index, _ChoiceTracker(self._options))
                self.findings.extend(tracker.take(choice, f"choices[{place}]"), self._label)


def _usage_places(data: JSONObject, word: str) -> frozenset[UsagePlace]:
    if word != "choices":
        return frozenset({UsagePlace.OWN, UsagePlace.EVERY})
    choices = data.get("choices")
    finishing = any(
        isinstance(choice, dict) and choice.get("finish_reason") is not None
        for choice in (choices if isinstance(choices, list) else [])
    )
    every = frozenset({UsagePlace.EVERY})
    return every | {UsagePlace.FINISH} if finishing else every
