"""Files of recordings: which kind of file it is, and the exchanges in it.

YAML is read from its nodes: a tag decides how a scalar is spelled, and never what is constructed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import yaml

from mockserver.contract.request_body import unpack
from mockserver.model.dialect import Rejection
from mockserver.model.json import JSON, as_object
from mockserver.model.sse import is_stream
from mockserver.recording.archives import read_archive
from mockserver.recording.captures import is_capture, read_capture
from mockserver.recording.exchange import LIMIT, RecordedExchange, RecordingError, UnreadableBodyError

_BOM: Final = "\ufeff"
_REPLIES: Final = ("chat.completion", "response", "response.compaction")
_SAFE: Final = yaml.SafeLoader("")
_SCALARS: Final[dict[str, Callable[[yaml.ScalarNode], Any]]] = {  # what PyYAML constructs is not typed
    "tag:yaml.org,2002:null": lambda _: None,
    "tag:yaml.org,2002:bool": _SAFE.construct_yaml_bool,
    "tag:yaml.org,2002:int": _SAFE.construct_yaml_int,
    "tag:yaml.org,2002:float": _SAFE.construct_yaml_float,
    "tag:yaml.org,2002:binary": lambda node: _SAFE.construct_yaml_binary(node).decode("utf-8", "surrogateescape"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The exchanges of a file in order, and notes about those that could not be used."""

    exchanges: tuple[RecordedExchange, ...]
    notes: tuple[str, ...] = ()


def read_recording(data: bytes, origin: str) -> Recording:
    """The exchanges in a file of any known kind; raises RecordingError with the place of what is wrong."""
    found: list[RecordedExchange] = []
    notes: list[str] = []
    try:
        for one in _found(unzipped(data, origin), origin):
            (notes if isinstance(one, str) else found).append(one)  # type: ignore[arg-type]  # by the kind of one
    except UnreadableBodyError as error:
        raise RecordingError(f"{origin}: {error}") from None
    except RecursionError:
        raise RecordingError(f"{origin}: nested too deeply") from None
    return Recording(exchanges=tuple(found), notes=tuple(notes))


def unzipped(data: bytes, origin: str) -> bytes:
    """The file itself where it is compressed by gzip."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    unpacked = unpack(data, "gzip", LIMIT)
    if isinstance(unpacked, Rejection):
        raise RecordingError(f"{origin}: not gzip as its first bytes say: {unpacked.finding.message}")
    return unpacked


def _found(data: bytes, origin: str) -> Iterable[RecordedExchange | str]:
    if is_capture(data):
        return read_capture(data, origin)
    text = decoded_text(data, origin)
    if not text.strip():
        raise RecordingError(f"{origin}: empty; expected a recording")
    if is_stream(text):
        headers = (("content-type", "text/event-stream"),)
        return [RecordedExchange(origin=origin, reply_headers=headers, reply_body=data)]
    value = parsed(text, origin)
    body = as_object(value)
    if body.get("object") in _REPLIES or "error" in body:
        headers = (("content-type", "application/json"),)
        status = _error_status(body)
        return [RecordedExchange(origin=origin, status=status, reply_headers=headers, reply_body=data)]
    return read_archive(value, origin)


def _error_status(body: dict[str, JSON]) -> int:
    """The status of a body alone, which an error does not tell."""
    return 500 if "error" in body and "object" not in body else 200


def decoded_text(data: bytes, origin: str) -> str:
    """A file as text; raises RecordingError with the place of what is no UTF-8."""
    try:
        return data.decode().removeprefix(_BOM)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RecordingError(f"{origin}:{line}: not UTF-8: byte 0x{data[error.start]:02x}") from None


def parsed(text: str, origin: str) -> JSON:
    """JSON, else YAML; raises RecordingError."""
    if text.lstrip().startswith(("{", "[")):
        try:
            value: JSON = json.loads(text)
        except ValueError as error:
            problem = error
        else:
            return value
        try:
            return _yaml(text, origin)
        except RecordingError:
            raise RecordingError(f"{origin}: not JSON: {problem}") from None
    return _yaml(text, origin)


def compose(text: str, origin: str) -> yaml.Node | None:
    """The root node of a YAML document; raises RecordingError."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root: yaml.Node | None = loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise RecordingError(f"{origin}{where}: not YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise RecordingError(f"{origin}: not YAML: {str(error).splitlines()[0]}") from None
    return root


def _yaml(text: str, origin: str) -> JSON:
    root = compose(text, origin)
    return None if root is None else _value(root, {}, origin)


def _value(node: yaml.Node, known: dict[int, JSON], origin: str) -> JSON:
    """The value of a node; that of an alias is shared, not copied."""
    if id(node) in known:
        return known[id(node)]
    if isinstance(node, yaml.ScalarNode):
        return known.setdefault(id(node), _scalar(node, origin))
    if isinstance(node, yaml.SequenceNode):
        items: list[JSON] = []
        known[id(node)] = items
        items.extend(_value(one, known, origin) for one in node.value)
        return items
    members: dict[str, JSON] = {}
    known[id(node)] = members
    for key, inner in node.value:
        members[key.value if isinstance(key, yaml.ScalarNode) else "?"] = _value(inner, known, origin)
    return members


def _scalar(node: yaml.ScalarNode, origin: str) -> JSON:
    read = _SCALARS.get(node.tag)
    try:
        value: JSON = str(node.value) if read is None else read(node)
    except (ValueError, KeyError, yaml.YAMLError):
        mark = node.start_mark
        where = f":{mark.line + 1}:{mark.column + 1}"
        raise RecordingError(f"{origin}{where}: {node.value[:40]!r} is not what its tag says") from None
    return value
