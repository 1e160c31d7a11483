"""What a reply or an exchange says, in a few words."""

from __future__ import annotations

import re

from mockserver.model.json import JSON, JSONObject, JSONReadError, read
from mockserver.report.redact import truncate_middle

_WIDTH = 40
# Members that hold the text of an event or a body.
_SAID = ("error", "message", "choices", "delta", "content", "refusal", "output", "summary", "reasoning_content")
_CALL = re.compile(r'"name":\s?"([^"\\]+)"')
_DELTA = "response.output_text.delta"


def _find(data: JSON, keys: tuple[str, ...]) -> str | None:
    if isinstance(data, str):
        return data or None
    inner = (
        data if isinstance(data, list) else [data[key] for key in keys if key in data] if isinstance(data, dict) else []
    )
    return next((found for one in inner if (found := _find(one, keys)) is not None), None)


def reply_text(body: str) -> str:
    """The beginning of what a reply says, streamed or not; the function that it calls where it says nothing."""
    whole = read(body.encode())
    if not isinstance(whole, JSONReadError):
        return _find(whole, (*_SAID, "text")) or _called(body)
    text = ""
    for line in body.splitlines():
        if line.startswith("data:") and len(text) <= _WIDTH:
            data = read(line.removeprefix("data:").encode())
            if isinstance(data, dict) and data.get("type", _DELTA) in (_DELTA, "error", "response.failed"):
                text += _find(data, ("error", "message", "choices", "delta", "content", "response")) or ""
    return text or _called(body)


def _called(body: str) -> str:
    found = _CALL.search(body) if '"tool_calls"' in body or '"function_call"' in body else None
    return f"{found[1]}()" if found else ""


def excerpt(model: str | None, prompt: str | None, reply: JSON) -> str:
    """Model and the first words of prompt and reply: `gpt-5.4 "What is the capital…" → "Paris."`."""
    body = reply if isinstance(reply, dict) else {}
    said = reply_text(str(body["body"])) if body.get("encoding") == "utf-8" else ""
    words = " → ".join(_words(one) for one in (prompt, said) if one)
    return " ".join(part for part in (truncate_middle(model or ""), words) if part)


def _words(text: str) -> str:
    short = " ".join(text[: 4 * _WIDTH].split())
    return truncate_middle(f'"{short}"' if len(short) <= _WIDTH else f'"{short[:_WIDTH]}…"')


def log_line(report: str, *, time: str, sandbox: str = "", file: str = "", said: str = "") -> str:
    """An exchange in a log: its `report` line with the stub's `file` by its name, after time and sandbox."""
    first, *rest = report.split("\n")
    if file:
        first = first.replace(f"{file}:", f"{file.rpartition('/')[2]}:", 1)
    parts = (time[11:23], truncate_middle(sandbox), first)
    return "\n".join(("  ".join(part for part in parts if part) + (f"   {said}" if said else ""), *rest))


def document_line(document: JSONObject, *, prompt: str | None, sandbox: str = "") -> str:
    """The line of an exchange from its document in the journal."""
    match, miss = document["match"], document["miss"]
    near = miss["near"] if isinstance(miss, dict) else None
    place = near[0] if isinstance(near, list) and near else match
    model = document["model"]
    return log_line(
        # Which other stubs would have matched is told by the journal only.
        "\n".join(line for line in str(document["report"]).split("\n") if not line.startswith("    also ")),
        time=str(document["received_time"]),
        sandbox=sandbox,
        file=str(place["file"]) if isinstance(place, dict) else "",
        said=excerpt(model if isinstance(model, str) else None, prompt, document["reply"]),
    )
