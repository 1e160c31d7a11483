"""The log of a server: a line per exchange, for people or as JSON.

Lines are formatted and written together, some milliseconds behind the replies: a write for each
would cost a busy server a tenth of its speed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TextIO

from mockserver.model.findings import Severity
from mockserver.model.journal import Record
from mockserver.model.json import JSON, JSONObject, write
from mockserver.model.stub_set import Match, Miss
from mockserver.server.sandbox import Sandbox

# How long a line may wait for others.
_DELAY_S = 0.02
# How many lines of those tell the words of prompt and reply, which takes longer than the rest.
_WITH_WORDS = 20
_RED, _YELLOW, _DIM, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[0m"


class ExchangeLog:
    """Writes to a stream, in colour only where that is a terminal. Lines are dropped once the
    reader of the stream has gone."""

    def __init__(
        self, stream: TextIO, *, form: str, call_later: Callable[[float, Callable[[], None]], object] | None = None
    ) -> None:
        """`call_later` is the event loop's; without it every line is written at once."""
        self._stream = stream
        self._colour = stream.isatty()
        self._json = form == "json"
        self._call_later = call_later
        self._pending: list[tuple[Sandbox, Record]] = []

    def on_exchange_end(self, sandbox: Sandbox, record: Record) -> None:
        pending = self._pending
        pending.append((sandbox, record))
        if self._call_later is None:
            self.flush()
        elif len(pending) == 1:
            self._call_later(_DELAY_S, self.flush)

    def message(self, text: str, **members: JSON) -> None:
        """A line about the server itself; as JSON with its `members`."""
        self.flush()
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        self._write(f"{write({'time': _zulu(now), 'message': text, **members}) if self._json else text}\n")

    def flush(self) -> None:
        pending, self._pending = self._pending, []
        if pending:
            lines = (
                _json_line(sandbox, record) if self._json else self._text_line(sandbox, record, words=nth < _WITH_WORDS)
                for nth, (sandbox, record) in enumerate(pending)
            )
            self._write("".join([f"{line}\n" for line in lines]))

    def _write(self, text: str) -> None:
        if not text.isascii():
            # What clients send may be more than the stream's encoding has.
            coding = self._stream.encoding or "utf-8"
            text = text.encode(coding, "backslashreplace").decode(coding)
        with suppress(BrokenPipeError):
            self._stream.write(text)
            self._stream.flush()

    def _text_line(self, sandbox: Sandbox, record: Record, *, words: bool) -> str:
        from mockserver.report.excerpt import excerpt, log_line  # noqa: PLC0415  # not before the first answer
        from mockserver.report.serialize import reply_document  # noqa: PLC0415
        from mockserver.report.text import exchange_line, finding_line  # noqa: PLC0415

        said, choice = "", record.choice
        if words:
            call, script = record.call, record.script
            reply = None if script is None else reply_document(script, record)
            said = excerpt(call.model if call else None, call.user if call else None, reply)
        stub = choice.stub if isinstance(choice, Match) else choice.near[0].stub if choice and choice.near else None
        text = log_line(
            "\n    ".join((exchange_line(record), *map(finding_line, record.findings))),
            time=sandbox.received_time(record),
            sandbox=sandbox.shown_name,
            file=stub.origin.file if stub else "",
            said=said,
        )
        broken = any(finding.severity is Severity.ERROR for finding in record.findings)
        return coloured(text, unmatched=isinstance(choice, Miss), broken=broken) if self._colour else text


def coloured(text: str, *, unmatched: bool, broken: bool) -> str:
    """A line for a terminal: red without a stub, yellow with a violation, else a dim time."""
    colour = _RED if unmatched else _YELLOW if broken else ""
    time, space, rest = text.partition("  ")
    return f"{colour}{text}{_PLAIN}" if colour else f"{_DIM}{time}{_PLAIN}{space}{rest}"


def _json_line(sandbox: Sandbox, record: Record) -> str:
    outcome, choice, call = record.outcome, record.choice, record.call
    line: JSONObject = {
        "time": _zulu(sandbox.received_time(record)),
        "sandbox": sandbox.name,
        "number": record.number,
        "kind": record.kind.value,
        "method": record.request.method,
        "path": record.request.path,
        "model": None if call is None else call.model,
        "stream": record.streams,
        "received": len(record.request.body),
        "status": record.status,
        "stub": f"{choice.scenario.name}/{choice.stub.name}" if isinstance(choice, Match) else None,
        "matched": not isinstance(choice, Miss),
        "outcome": outcome.how.value if outcome else None,
        "sent": outcome.sent if outcome else 0,
        "duration_s": outcome.ended_s - outcome.started_s if outcome else None,
        "findings": [finding.rule for finding in record.findings],
    }
    return write(line)


def _zulu(time: str) -> str:
    return time.replace("+00:00", "Z")
