"""A scenario that came with a control request: read and proven before anything is touched.

Pure, and by far the longest part of an upload, so it may run beside the loop. Tests load the same
files again and again: what was read is kept for the next time.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from pathlib import PurePosixPath

from mockserver.errors import Position, UsageError
from mockserver.model.json import JSONObject, JSONReadError, read_text, write
from mockserver.model.stub import Scenario
from mockserver.scenario.dialects import Dialects, DialectSource
from mockserver.scenario.file_sources import UploadedFiles
from mockserver.scenario.load import load_inline, load_text
from mockserver.server.control_message import ControlRequest

UNNAMED = "upload"
_KEPT = 256
# Characters of a scenario that is kept to be loaded again; larger ones would pile up.
_SMALL = 256 * 1024


class _Form(Enum):
    YAML = 1
    JSON = 2


class Uploads:
    """Reads scenarios that speak the dialects of one source. Safe to use from any thread."""

    def __init__(self, dialects: DialectSource) -> None:
        self._dialects = dialects
        self._read = lru_cache(maxsize=_KEPT)(self._read_anew)

    def read(self, asked: ControlRequest) -> Scenario:
        """The scenario in the body; without a name of its own and of a file its name is empty.

        Query `origin` is the file it came from, as reports show it; `line` the line there where
        an inline mapping was given.

        Raises:
            ScenarioError: what the file's author must mend, every problem of it.
            UsageError: there is no scenario, or the query makes no sense.
        """
        if asked.body is None or not asked.body.strip():
            raise UsageError("no scenario was sent: wanted YAML or a JSON object")
        line = asked.query.get("line")
        if line is not None and not (line.isascii() and line.isdigit() and 0 < len(line) < 9):
            raise UsageError(f"query 'line': wanted a whole number from 1, got {line!r}")
        place = Position(
            file=asked.query.get("origin") or UNNAMED,
            line=0 if line is None else int(line),
            column=1,
        )
        form = _Form.JSON if asked.is_json else _Form.YAML
        read = self._read if len(asked.body) <= _SMALL else self._read_anew
        return read(form, asked.body, place, tuple(sorted(asked.files.items())))

    def read_value(self, value: JSONObject, place: Position) -> Scenario:
        """The scenario that a mapping is, written at a place; names no dialect beside it. Raises
        ScenarioError."""
        text = write(value)
        read = self._read if len(text) <= _SMALL else self._read_anew
        return read(_Form.JSON, text, place, ())

    def _read_anew(
        self, form: _Form, text: str, place: Position, sent: tuple[tuple[str, bytes], ...]
    ) -> Scenario:
        dialects = self._dialects
        if sent:
            dialects = _sent_dialects(PurePosixPath(place.file).parent, sent)
        if form is _Form.YAML:
            if place.line:
                return load_text(text, f"{place.file}:{place.line}", dialects, name="")
            return load_text(text, place.file, dialects)
        value = read_text(text)
        if isinstance(value, JSONReadError):
            raise UsageError(f"the body is no JSON: {value.message}")
        if not isinstance(value, dict):
            raise UsageError("the body: wanted a JSON object")
        return load_inline(value, place, dialects)


@lru_cache(maxsize=_KEPT)
def _sent_dialects(folder: PurePosixPath, sent: tuple[tuple[str, bytes], ...]) -> Dialects:
    """The dialects that came with a scenario, and those of the package. Equal files give the same
    values, so that scenarios which send them share their dialect."""
    return Dialects([str(folder)], shelf=UploadedFiles(folder, dict(sent)))
