"""The log of a server: a line per exchange, for people or as JSON.

Lines are formatted and written together, some milliseconds behind the replies: a write for each
would cost a busy server a tenth of its speed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from mockserver.model.findings import Severity
from mockserver.model.journal import Record
from mockserver.model.json import JSONObject, write
from mockserver.model.stub_set import Miss
from mockserver.server.sandbox import Sandbox

# How long a line may wait for others.
_DELAY_S = 0.02
_RED, _YELLOW, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[0m"


class ExchangeLog:
    """Writes to a stream, in colour only where that is a terminal. Lines are dropped once the
    reader of the stream has gone."""

    def __init__(
        self, stream: TextIO, *, form: str, call_later: Callable[[float, Callable[[], None]], object] | None = None
    ) -> None:
        """`call_later` is the event loop's; without it every line is written at once."""
        self._stream = stream
        self._colour = stream.isatty()
        self._format = _json_line if form == "json" else self._text_line
        self._call_later = call_later
        self._pending: list[tuple[Sandbox, Record]] = []

    def on_exchange_end(self, sandbox: Sandbox, record: Record) -> None:
        pending = self._pending
        pending.append((sandbox, record))
        if self._call_later is None:
            self.flush()
        elif len(pending) == 1:
            self._call_later(_DELAY_S, self.flush)

    def message(self, text: str) -> None:
        self.flush()
        self._write(f"{text}\n")

    def flush(self) -> None:
        pending, self._pending = self._pending, []
        if pending:
            form = self._format
            self._write("".join([f"{form(sandbox, record)}\n" for sandbox, record in pending]))

    def _write(self, text: str) -> None:
        if not text.isascii():
            # What clients send may be more than the stream's encoding has.
            coding = self._stream.encoding or "utf-8"
            text = text.encode(coding, "backslashreplace").decode(coding)
        with suppress(BrokenPipeError):
            self._stream.write(text)
            self._stream.flush()

    def _text_line(self, sandbox: Sandbox, record: Record) -> str:
        from mockserver.report.text import exchange_line, finding_line  # noqa: PLC0415  # not before the first answer

        text = exchange_line(record, sandbox=sandbox.shown_name)
        if record.findings:
            text = "\n    ".join((text, *map(finding_line, record.findings)))
        colour = _colour(record) if self._colour else ""
        return f"{colour}{text}{_PLAIN}" if colour else text


def _json_line(sandbox: Sandbox, record: Record) -> str:
    outcome = record.outcome
    line: JSONObject = {
        "sandbox": sandbox.name,
        "number": record.number,
        "kind": record.kind.value,
        "method": record.request.method,
        "path": record.request.path,
        "status": record.status,
        "stub": None,
        "matched": not isinstance(record.choice, Miss),
        "outcome": outcome.how.value if outcome else None,
        "sent": outcome.sent if outcome else 0,
        "findings": [finding.rule for finding in record.findings],
    }
    if record.choice is not None and not isinstance(record.choice, Miss):
        line["stub"] = f"{record.choice.scenario.name}/{record.choice.stub.name}"
    return write(line)


def _colour(record: Record) -> str:
    if isinstance(record.choice, Miss):
        return _RED
    return _YELLOW if any(finding.severity is Severity.ERROR for finding in record.findings) else ""
