"""Existing files without secrets: the same file otherwise, byte for byte where nothing was replaced.

In YAML only the scalars that change are spelled anew, in their places, so comments, order and tags stay. A file that is
of no known kind is redacted as text."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from typing import Final

import yaml

from mockserver.model.sse import is_stream
from mockserver.recording.captures import is_capture
from mockserver.recording.edits import Edit, applied
from mockserver.recording.exchange import RecordingError
from mockserver.recording.reader import compose, decoded_text, unzipped
from mockserver.recording.redaction import Redactor
from mockserver.recording.yaml_text import quoted

_PROPERTIES: Final = re.compile(r"(?:[!&]\S*\s+)*")


def scrubbed(data: bytes, origin: str, redactor: Redactor) -> bytes:
    """A file without its secrets; raises RecordingError for a file that is no text."""
    plain = unzipped(data, origin)
    # What is only known as a secret further down is removed the second time.
    for _ in range(2):
        found = _scrubbed(plain, origin, redactor)
    if found == plain:
        return data
    return found if plain is data else gzip.compress(found, mtime=0)


def _scrubbed(data: bytes, origin: str, redactor: Redactor) -> bytes:
    if is_capture(data):
        return redactor.capture(data)
    text = decoded_text(data, origin)
    begin = data[:3] if data.startswith(b"\xef\xbb\xbf") else b""
    other = is_stream(text) or text.lstrip().startswith(("{", "["))
    edits = [] if other else _yaml_edits(text, origin, redactor)
    return begin + (applied(text, edits) if edits else redactor.text(text)).encode()


def _yaml_edits(text: str, origin: str, redactor: Redactor) -> list[Edit]:
    """The edits of a YAML file; none where it has no mappings or lists."""
    try:
        root = compose(text, origin)
        scalars = sorted(_scalars(root, "", set()), key=lambda found: found[0].start_mark.index)
    except (RecordingError, RecursionError):
        return []
    if root is None or isinstance(root, yaml.ScalarNode):
        return []
    edits: list[Edit] = []
    place = 0
    for node, name in [*scalars, (None, "")]:
        start, end = (node.start_mark.index, node.end_mark.index) if node else (len(text), len(text))
        # What is between scalars are marks and comments.
        between = text[place:start]
        edits += [Edit(place + one.start, place + one.end, one.text) for one in redactor.edits(between)]
        if node is not None and (value := redactor.value(name, node.value)) != node.value:
            source = text[start:end]
            properties = _PROPERTIES.match(source)
            kept = properties[0] if properties else ""
            ends = source[len(source.rstrip("\n")) :] if node.style in ("|", ">") else ""
            edits.append(Edit(start, end, kept + quoted(value) + ends))
        place = max(place, end)
    return edits


def _scalars(node: yaml.Node | None, name: str, seen: set[int]) -> Iterator[tuple[yaml.ScalarNode, str]]:
    """Every scalar with the name that it is the value of; in a list of names and values that beside it."""
    if node is None or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        yield node, name
    elif isinstance(node, yaml.SequenceNode):
        for one in node.value:
            yield from _scalars(one, name, seen)
    else:
        beside = next((inner.value for key, inner in node.value if key.value == "name" and _is_text(inner)), "value")
        for key, inner in node.value:
            yield from _scalars(key, "", seen)
            own = str(key.value) if _is_text(key) else ""
            yield from _scalars(inner, beside if own == "value" else own, seen)


def _is_text(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode)
