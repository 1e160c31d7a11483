"""Uploaded scenarios: read and validated before any sandbox changes.

Pure, and the longest part of an upload, so it may run on a worker thread. Tests load the same
files again and again: recent results are kept."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePosixPath

from mockserver.admin.verbs import Upload
from mockserver.errors import Position, UsageError
from mockserver.model.json import JSON, JSONObject, JSONReadError, read_text, write
from mockserver.model.stub import Scenario
from mockserver.scenario.dialects import Dialects, DialectSource
from mockserver.scenario.files import UploadedFiles
from mockserver.scenario.load import load_inline, load_text

_UNNAMED = "upload"
_KEPT = 256
# Characters of a scenario that is kept; larger ones would pile up.
_SMALL = 256 * 1024


class Uploads:
    """Reads scenarios whose dialects come from one source. Safe to use from any thread."""

    def __init__(self, dialects: DialectSource) -> None:
        self._dialects = dialects
        self._read_kept = lru_cache(maxsize=_KEPT)(self._read)

    def read(self, upload: Upload) -> Scenario:
        """The scenario of an upload; without a name of its own or a file its name is empty.

        Raises ScenarioError: every problem of the scenario; UsageError: there is no scenario."""
        if not upload.text.strip():
            raise UsageError("no scenario was sent: expected YAML or a JSON object")
        place = Position(file=upload.origin or _UNNAMED, line=upload.line or 0, column=1)
        read = self._read_kept if len(upload.text) <= _SMALL else self._read
        return read(upload.text, place, tuple(sorted(upload.files.items())), is_json=upload.is_json)

    def read_value(self, value: JSONObject, origin: str, line: int | None) -> Scenario:
        """The scenario that a mapping is, written at a line of a file; raises ScenarioError."""
        return load_inline(value, Position(file=origin or _UNNAMED, line=line or 0, column=1), self._dialects)

    def _read(self, text: str, place: Position, files: tuple[tuple[str, bytes], ...], *, is_json: bool) -> Scenario:
        dialects = self._dialects
        if files:
            dialects = _uploaded_dialects(PurePosixPath(place.file).parent, files)
        if not is_json:
            if place.line:
                return load_text(text, f"{place.file}:{place.line}", dialects, name="")
            return load_text(text, place.file, dialects)
        return load_inline(_json_object(text, "the body"), place, dialects)


@lru_cache(maxsize=_KEPT)
def _uploaded_dialects(folder: PurePosixPath, files: tuple[tuple[str, bytes], ...]) -> Dialects:
    """The dialects of an upload, and those of the package. Equal files give the same values, so
    that scenarios with the same files share their dialect."""
    return Dialects([str(folder)], source=UploadedFiles(folder, dict(files)))


def read_envelope(body: str, *, origin: str, line: int | None) -> Upload:
    """The upload in a JSON object of type `UPLOAD_TYPE`: `scenario` is a text, as YAML, or an
    object; `files` maps paths to texts. Raises UsageError for another object."""
    value = _json_object(body, "the upload")
    scenario, files = value.get("scenario"), value.get("files", {})
    if not isinstance(scenario, str | dict):
        raise UsageError(f"'scenario': expected YAML text or a JSON object, got {scenario!r}")
    if not isinstance(files, dict):
        raise UsageError(f"'files': expected a mapping from paths to texts, got {files!r}")
    return Upload(
        text=scenario if isinstance(scenario, str) else write(scenario),
        is_json=not isinstance(scenario, str),
        origin=origin,
        line=line,
        files={name: _bytes(name, data) for name, data in files.items()},
    )


def write_envelope(upload: Upload) -> str:
    """The JSON object of type `UPLOAD_TYPE`; raises UsageError for a file that is not UTF-8."""
    files: JSONObject = {name: _text(name, data) for name, data in upload.files.items()}
    scenario = _json_object(upload.text, "the scenario") if upload.is_json else upload.text
    return write({"scenario": scenario, "files": files})


def _bytes(name: str, data: JSON) -> bytes:
    if not isinstance(data, str):
        raise UsageError(f"file {name!r}: expected its text, got {data!r}")
    return data.encode("utf-8", "surrogatepass")


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"file {name!r} is not UTF-8: byte {error.start}") from None


def _json_object(text: str, what: str) -> JSONObject:
    value = read_text(text)
    if isinstance(value, JSONReadError):
        raise UsageError(f"{what} is not JSON: {value.message}")
    if not isinstance(value, dict):
        raise UsageError(f"{what}: expected a JSON object")
    return value
