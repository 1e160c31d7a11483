"""The life of a Responses stream.

Words are event types without `response.`; `item` is any event of an item, `extra` one that belongs
to none, `[DONE]` and `end` (of the stream) are no events at all.
"""

from __future__ import annotations

from typing import Final

from mockserver.contract.grammar.machine import Machine

DONE: Final = "[DONE]"
END: Final = "end"
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
        "erred": {"failed": "ended", DONE: "done", END: "over"},
        "ended": {"rate_limits.updated": "ended", DONE: "done", END: "over"},
        "done": {END: "over"},
        "over": {},
    },
    refused={
        ("start", "*"): "responses.created.first",
        **{
            (state, word): "responses.terminal.missing"
            for state in _UNENDED
            for word in (DONE, END)
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
        END: "the end of the stream",
    },
)
