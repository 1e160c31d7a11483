"""`mockserver import` and `scrub`: recordings as scenarios, and without secrets."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from tempfile import mkstemp

from mockserver.errors import UsageError
from mockserver.recording.exchange import RecordedExchange, RecordingError
from mockserver.recording.reader import read_recording
from mockserver.recording.redaction import Redactor
from mockserver.recording.replies import ReplyWriter
from mockserver.recording.scenario_text import scenario_text
from mockserver.recording.scrub import scrubbed
from mockserver.scenario.dialects import Dialects

_STANDARD = "-"
_NOT_REDACTED = "warning: nothing was redacted; the scenario may contain secrets"


def import_(options: argparse.Namespace) -> int:
    """Print or write one scenario with the exchanges of all files; notes go to standard error."""
    found: list[RecordedExchange] = []
    notes: list[str] = []
    for name in options.files:
        recording = read_recording(_read(name), "standard input" if name == _STANDARD else Path(name).name)
        found += recording.exchanges
        notes += recording.notes
    dialects = Dialects()
    dialects.find(options.dialect)
    comments = [f"Imported from {', '.join(Path(name).name for name in options.files)} by mockserver import."]
    if options.no_redact:
        redacted, placeholder = tuple(found), None
        comments.append("Nothing was redacted.")
        _note(_NOT_REDACTED)
    else:
        redactor = _redactor(options)
        redacted, placeholder = redactor.exchanges(found), redactor.placeholder
        comments.append(f"Redacted: {_secrets(redactor)}; headers of requests are not kept.")
    writer = ReplyWriter(
        dialects=dialects, dialect=options.dialect, all_headers=options.no_redact, paced=not options.no_pace
    )
    written = scenario_text(
        redacted, name=_scenario_name(options), writer=writer, placeholder=placeholder, comments=comments
    )
    for note in (*notes, *written.skipped):
        _note(f"skipped {note}")
    if not written.stubs:
        raise RecordingError(f"{', '.join(options.files)}: no exchange with an endpoint of the API")
    if not options.no_redact and (left := redactor.leaks(written.text)):
        raise RecordingError(f"nothing was written: {len(left)} secrets are left, such as {left[0]!r}")
    _write(options.output, written.text.encode())
    if options.output not in (None, _STANDARD):
        _note(f"wrote {options.output}: {written.stubs} {'stub' if written.stubs == 1 else 'stubs'}")
    return 0


def _scenario_name(options: argparse.Namespace) -> str:
    given = options.files[0] if options.output in (None, _STANDARD) else options.output
    return "recording" if given == _STANDARD else Path(given).name.partition(".")[0] or "recording"


def scrub(options: argparse.Namespace) -> int:
    """Change the files in place; with `--check` the status is 1 where there was anything to change."""
    if options.output is not None and len(options.files) > 1:
        raise UsageError("--output is for one file; without it files are changed in place")
    changed = False
    for name in options.files:
        data = _read(name)
        redactor = _redactor(options)
        found = scrubbed(data, name, redactor)
        changed = changed or found != data
        if options.check:
            _note(f"{name}: {_secrets(redactor)}" if found != data else f"{name}: no secrets")
            continue
        target = options.output or name
        if found != data or target != name or name == _STANDARD:
            _write(target, found)
        _note(f"{name}: {_secrets(redactor)} replaced" if found != data else f"{name}: no secrets")
    return 1 if options.check and changed else 0


def _secrets(redactor: Redactor) -> str:
    return f"{redactor.count} {'secret' if redactor.count == 1 else 'secrets'}"


def _redactor(options: argparse.Namespace) -> Redactor:
    return Redactor(options.redact, _hook(options.redact_hook))


def _hook(name: str | None) -> Callable[[str], Iterable[str]] | None:
    if name is None:
        return None
    module, _, function = name.partition(":")
    sys.path.insert(0, "")
    try:
        found: Callable[[str], Iterable[str]] = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"--redact-hook {name!r}: expected MODULE:FUNCTION: {error}") from None
    finally:
        sys.path.remove("")
    return found


def _note(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _read(name: str) -> bytes:
    if name == _STANDARD:
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}") from error


def _write(name: str | None, data: bytes) -> None:
    """Write to a file at once, of which only its owner can read a new one; to standard output without a name."""
    if name is None or name == _STANDARD:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    path = Path(name)
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
        handle, made = mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(made).chmod(mode)
            Path(made).replace(path)
        except OSError:
            with suppress(OSError):
                Path(made).unlink()
            raise
    except OSError as error:
        raise UsageError(f"cannot write {name}: {error.strerror}") from error


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {"import": import_, "scrub": scrub}
