"""A call of the hosted code interpreter: code is written, then run."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.items.events import completed, stage, string, text_deltas
from mockserver.items.keys import HOSTED_KEYS, NAME, STRING, Form, Key, KeyType, Read, chunks_key, status_key
from mockserver.items.raw import hosted
from mockserver.items.spec import ItemEvent, ItemSpec, StreamedText
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import Cutter

CONTAINER = "cntr_00000000000000000000000000000000"
"""The container of code that names none."""

_TYPE = "code_interpreter_call"
_CODE = "code_interpreter_call_code"


def _members(fields: JSONObject) -> JSONObject:
    """A text among the outputs is a log."""
    outputs = fields["outputs"]
    logs: list[JSON] | None = None
    if isinstance(outputs, list):
        logs = [{"type": "logs", "logs": o} if isinstance(o, str) else o for o in outputs]
    return {"code": fields["code"], "container_id": fields["container_id"], "outputs": logs}


def _events(item: JSONObject, cut: Cutter) -> Iterator[ItemEvent]:
    yield stage(_TYPE, "in_progress")
    yield from text_deltas(_CODE, "code", string(item, "code"), cut)
    yield stage(_TYPE, "interpreting")
    yield from completed(_TYPE, item)


_OUTPUTS = KeyType(
    {
        "type": "array",
        "title": "a list of log texts, or of mappings as the API sends them",
        "items": {"anyOf": [{"type": "string"}, {"type": "object"}]},
    },
    Read.LIST,
)
_FORM = Form(
    Key("code_interpreter", STRING, "The code that is run.", "code", default=None),
    Key("outputs", _OUTPUTS, "The outputs; a string is a log. Default: null, as if not requested.", default=None),
    Key("container", NAME, "The container's id.", "container_id", default=CONTAINER),
    status_key("The final status. Default: completed."),
    chunks_key("the code is"),
    *HOSTED_KEYS,
    make=hosted(_TYPE, _members),
)

SPECS = (
    ItemSpec(
        type=_TYPE,
        forms=(_FORM,),
        prefix="ci_",
        status="of_reply",
        added_status="demanded",
        added={"code": "", "outputs": None},
        empty={"code": ("", None), "outputs": (None, [])},
        events=_events,
        members=("status:#status.code_interpreter_call container_id:string code:string|null outputs:list|null"),
        values={"status.code_interpreter_call": "in_progress interpreting incomplete completed failed"},
        stream="""
code_interpreter_call.in_progress
code_interpreter_call.interpreting
code_interpreter_call.completed
code_interpreter_call_code.delta  delta:string
code_interpreter_call_code.done  code:string
""",
        about="the code and the steps of running it",
        grammar="""
open: code_interpreter_call.in_progress > in progress
in progress: code_interpreter_call_code.delta, code_interpreter_call_code.done > written
written: code_interpreter_call.interpreting > interpreting
interpreting: code_interpreter_call.completed > completed
completed: done
""",
        breaks_off=True,
        texts=(StreamedText(_CODE, "code", ("code",)),),
    ),
)
