"""The order of a chat stream: one machine for the chunks, one for each choice.

`choices` is a chunk with choices, `usage` and `moderation` one without choices but with these,
`empty` one without any, `error` an error chunk; `end` the end of the stream while a choice is
unfinished, `finished end` while none is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mockserver.contract.grammar_items import ITEMS, OTHER
from mockserver.contract.machine import Machine

DONE: Final = "[DONE]"
END: Final = "end"
FINISHED_END: Final = "finished end"

CHUNKS: Final = Machine(
    name="chat",
    rule="chat.chunk.order",
    start="start",
    steps={
        "start": {"choices": "open", "error": "erred"},
        "open": {
            "choices": "open",
            "usage": "counted",
            "moderation": "moderated",
            "error": "erred",
            DONE: "done",
        },
        "counted": {"moderation": "moderated", "error": "erred", DONE: "done"},
        "moderated": {"error": "erred", DONE: "done"},
        "erred": {DONE: "done", END: "over", FINISHED_END: "over"},
        "done": {END: "over", FINISHED_END: "over"},
        "over": {},
    },
    refused={
        **{
            (state, "empty"): "chat.chunk.empty"
            for state in ("start", "open", "counted", "moderated")
        },
        **{
            (state, END): "chat.terminal.missing"
            for state in ("start", "open", "counted", "moderated")
        },
        **{
            (state, FINISHED_END): "chat.done.missing" for state in ("open", "counted", "moderated")
        },
        ("start", FINISHED_END): "chat.terminal.missing",
        ("start", DONE): "chat.terminal.missing",
        **{(state, "choices"): "chat.usage.last" for state in ("counted", "moderated")},
        **{(state, "usage"): "chat.usage.one" for state in ("counted", "moderated")},
        ("erred", "*"): "chat.error.last",
        ("done", DONE): "chat.done.once",
        ("done", "*"): "chat.done.last",
    },
    spoken={
        "choices": "a chunk with choices",
        "usage": "a usage chunk",
        "moderation": "a moderation chunk",
        "empty": "a chunk that says nothing",
        "error": "an error chunk",
        END: "the end of the stream",
        FINISHED_END: "the end of the stream",
    },
)

CHOICE: Final = Machine(
    name="chat.choice",
    rule="chat.role.first",
    start="start",
    steps={
        "start": {"first": "open"},
        "open": {"middle": "open", "finish": "finished"},
        "finished": {},
    },
    refused={
        ("open", "first"): "chat.role.once",
        ("finished", "finish"): "chat.finish.once",
        ("finished", "*"): "chat.finish.last",
    },
    spoken={
        "first": "a chunk with the role",
        "middle": "a chunk that goes on with the choice",
        "finish": "a chunk with the finish_reason",
    },
)


DONE_LIFE: Final = "[DONE]"
END_LIFE: Final = "end"
ITEM: Final = "item"
EXTRA: Final = "extra"

_UNENDED: Final = ("start", "created", "queued", "unannounced", "running")

LIFE: Final = Machine(
    name="responses",
    rule="responses.life.order",
    start="start",
    steps={
        "start": {"created": "created"},
        "created": {
            "queued": "queued",
            "in_progress": "running",
            ITEM: "unannounced",
            EXTRA: "unannounced",
            "error": "erred",
            "failed": "ended",
        },
        "queued": {"in_progress": "running", "error": "erred", "failed": "ended"},
        "unannounced": {
            ITEM: "unannounced",
            EXTRA: "unannounced",
            "error": "erred",
            "failed": "ended",
        },
        "running": {
            ITEM: "running",
            EXTRA: "running",
            "error": "erred",
            "completed": "ended",
            "incomplete": "ended",
            "failed": "ended",
        },
        "erred": {"failed": "ended", DONE_LIFE: "done", END_LIFE: "over"},
        "ended": {"rate_limits.updated": "ended", DONE_LIFE: "done", END_LIFE: "over"},
        "done": {END_LIFE: "over"},
        "over": {},
    },
    refused={
        ("start", "*"): "responses.created.first",
        **{
            (state, word): "responses.terminal.missing"
            for state in _UNENDED
            for word in (DONE_LIFE, END_LIFE)
        },
        **{
            (state, word): "responses.in_progress.missing"
            for state in ("created", "queued", "unannounced")
            for word in ("completed", "incomplete")
        },
        ("erred", "completed"): "responses.completed.after_error",
        ("erred", "*"): "responses.error.last",
        ("ended", "completed"): "responses.terminal.one",
        ("ended", "incomplete"): "responses.terminal.one",
        ("ended", "failed"): "responses.terminal.one",
        ("ended", "*"): "responses.terminal.last",
        ("done", "*"): "responses.done.last",
    },
    spoken={
        ITEM: "an event of an item",
        EXTRA: "an event beside the items",
        END_LIFE: "the end of the stream",
    },
)


GRAMMAR: Final[Mapping[str, Machine]] = {
    machine.name: machine for machine in (LIFE, *ITEMS.values(), OTHER, CHUNKS, CHOICE)
}
