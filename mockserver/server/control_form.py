"""A scenario sent as a form, with the dialect files that it names: `curl -F scenario=@weather.yaml
-F gateway.yaml=@gateway.yaml`. A file's field is named by its path beside the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP

from mockserver.errors import UsageError

SCENARIO = "scenario"
_FORM = "multipart/form-data"
_BOUNDARY = "mockserver-{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The bytes of a scenario, the content type it was sent with, and the files beside it."""

    scenario: bytes
    kind: str
    files: Mapping[str, bytes] = field(default_factory=dict)


def is_form(content_type: str) -> bool:
    """Whether a body is a form."""
    return content_type.partition(";")[0].strip().lower() == _FORM


def read_form(content_type: str, body: bytes) -> Sent:
    """Read a form.

    Raises:
        UsageError: it is malformed, holds no scenario, or a field twice.
    """
    head = f"content-type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    whole = BytesParser(policy=HTTP).parsebytes(head + body)
    fields: dict[str, Message] = {}
    for part in whole.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str) or not name:
            raise UsageError("a field of the form has no name")
        if name in fields:
            raise UsageError(f"the form has field {name!r} twice")
        fields[name] = part
    scenario = fields.pop(SCENARIO, None)
    if scenario is None:
        there = ", ".join(map(repr, fields)) or "no field at all"
        raise UsageError(f"the form has no field {SCENARIO!r}, there is {there}")
    return Sent(
        scenario=_data(scenario),
        kind=scenario.get_content_type() if "content-type" in scenario else "",
        files={name: _data(part) for name, part in fields.items()},
    )


def _data(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def write_form(sent: Sent) -> tuple[str, bytes]:
    """The content type and the bytes of a form; the opposite of `read_form`."""
    fields = [(SCENARIO, sent.kind, sent.scenario)]
    fields += [(name, "application/octet-stream", data) for name, data in sent.files.items()]
    number = 0
    while any(_BOUNDARY.format(number).encode() in data for _, _, data in fields):
        number += 1
    boundary = _BOUNDARY.format(number)
    blocks = [
        f'--{boundary}\r\ncontent-disposition: form-data; name="{_quoted(name)}"\r\n'
        f"content-type: {kind}\r\n\r\n".encode()
        + data
        + b"\r\n"
        for name, kind, data in fields
    ]
    return f"{_FORM}; boundary={boundary}", b"".join(blocks) + f"--{boundary}--\r\n".encode()


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')
