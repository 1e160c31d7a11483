"""The live log of a server: a line per exchange, for people or as JSON."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from mockserver.model.findings import Severity
from mockserver.model.journal import Record
from mockserver.model.json import JSONObject, write
from mockserver.model.stub_set import Miss
from mockserver.server.sandbox import DEFAULT, Sandbox

_RED, _YELLOW, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[0m"


class LiveLog:
    """Writes to a stream, coloured only where that is a terminal. Once the stream's reader has
    left, what is told is dropped: the exchanges go on."""

    def __init__(self, stream: TextIO, *, form: str) -> None:
        self._stream = stream
        self._colour = stream.isatty()
        self._write: Callable[[Sandbox, Record], str] = (
            self._as_json if form == "json" else self._as_text
        )

    def on_exchange_end(self, sandbox: Sandbox, entry: Record) -> None:
        """Tell of an exchange that ended."""
        self._line(self._write(sandbox, entry))

    def say(self, text: str) -> None:
        """Tell of something that is no exchange."""
        self._line(text)

    def _line(self, text: str) -> None:
        # What clients send may be more than the stream can say.
        coding = self._stream.encoding or "utf-8"
        said = text.encode(coding, "backslashreplace").decode(coding)
        with suppress(BrokenPipeError):
            self._stream.write(f"{said}\n")
            self._stream.flush()

    def _as_text(self, sandbox: Sandbox, entry: Record) -> str:
        from mockserver.report.exchange import exchange_line  # noqa: PLC0415  # not before the first answer
        from mockserver.report.verdict import finding_line  # noqa: PLC0415  # not before the first answer

        name = "" if sandbox.name == DEFAULT else sandbox.name
        lines = [exchange_line(entry, sandbox=name)]
        lines.extend(f"    {finding_line(finding)}" for finding in entry.findings)
        text = "\n".join(lines)
        colour = _colour(entry)
        return f"{colour}{text}{_PLAIN}" if self._colour and colour else text

    @staticmethod
    def _as_json(sandbox: Sandbox, entry: Record) -> str:
        outcome = entry.outcome
        line: JSONObject = {
            "sandbox": sandbox.name,
            "number": entry.number,
            "kind": entry.kind.value,
            "method": entry.request.method,
            "path": entry.request.path,
            "status": entry.status,
            "stub": None,
            "matched": not isinstance(entry.choice, Miss),
            "outcome": outcome.how.value if outcome else None,
            "sent": outcome.sent if outcome else 0,
            "findings": [finding.rule for finding in entry.findings],
        }
        if entry.choice is not None and not isinstance(entry.choice, Miss):
            line["stub"] = f"{entry.choice.scenario.name}/{entry.choice.stub.name}"
        return write(line)


def _colour(entry: Record) -> str:
    if isinstance(entry.choice, Miss):
        return _RED
    grave = any(finding.severity is Severity.ERROR for finding in entry.findings)
    return _YELLOW if grave else ""
