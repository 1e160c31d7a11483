"""Recorded exchanges as the text of a scenario, which is loaded before it is given away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from mockserver.model.json import JSON, JSONObject
from mockserver.recording.conditions import Group, groups_of
from mockserver.recording.exchange import RecordedExchange
from mockserver.recording.replies import ReplyWriter
from mockserver.recording.yaml_text import list_item, yaml_lines
from mockserver.scenario.load import load_text

_SPACE: Final = re.compile(r"\s+")
_NOTHING: Final = re.compile(r"(?!)")
_MAX_NAME: Final = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioText:
    """`text` is that of a scenario which loads, `skipped` says of which exchanges nothing is in it."""

    text: str
    stubs: int
    skipped: tuple[str, ...] = ()


def scenario_text(
    exchanges: Sequence[RecordedExchange],
    *,
    name: str,
    writer: ReplyWriter,
    placeholder: re.Pattern[str] | None = None,
    comments: Sequence[str] = (),
) -> ScenarioText:
    """Write the exchanges with the endpoints of the API as stubs of one scenario, each under its origin as a comment.

    `placeholder` matches what stands for something redacted. The same exchanges give the same text."""
    used: list[RecordedExchange] = []
    skipped: list[str] = []
    for exchange in exchanges:
        reason = _unusable(exchange)
        if reason is None:
            used.append(exchange)
        else:
            skipped.append(f"{exchange.origin}: {reason}")
    groups = groups_of([_with_endpoint(one, writer) for one in used], placeholder or _NOTHING)
    head = [f"# {_line(comment)}" for comment in comments]
    scenario: JSONObject = {"scenario": name}
    if writer.dialect != "openai":
        scenario["dialect"] = writer.dialect
    lines = [*head, *yaml_lines(scenario), "stubs:"]
    names: set[str] = set()
    for group in groups:
        lines += _stub(group, _unique(_title(group), names), writer)
    text = "\n".join(lines if groups else [*lines[:-1], "stubs: []"]) + "\n"
    if groups:
        load_text(text, name, writer.dialects)
    return ScenarioText(text=text, stubs=len(groups), skipped=tuple(skipped))


def _unusable(exchange: RecordedExchange) -> str | None:
    """Why an exchange has no place in a scenario; None where it has one."""
    if not exchange.url and exchange.body is None:
        return None
    if exchange.endpoint is None:
        return f"{exchange.method} {exchange.url[:200]} is none of the endpoints"
    return "the request has no JSON object as its body" if exchange.body is None else None


def _with_endpoint(exchange: RecordedExchange, writer: ReplyWriter) -> RecordedExchange:
    """A reply that was recorded alone as that of its endpoint."""
    return exchange if exchange.endpoint else replace(exchange, url=_PATHS[writer.endpoint(exchange).value])


_PATHS: Final = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "compact": "/v1/responses/compact"}


def _stub(group: Group, name: str, writer: ReplyWriter) -> Iterator[str]:
    replies: list[JSON] = [writer.reply(exchange) for exchange in group.exchanges]
    for exchange in group.exchanges:
        yield f"  # {_line(f'{exchange.origin}: {exchange.method} {exchange.url} -> {exchange.status}')}"
    stub: JSONObject = {"name": name, "on": group.call.endpoint.value, "when": group.when}
    if not all(_keeps_contract(exchange, writer) for exchange in group.exchanges):
        stub["contract"] = "report"
    # A reply that comes again and again is one reply.
    same = all(reply == replies[0] for reply in replies)
    stub |= {"reply": replies[0]} if same else {"replies": replies}
    yield from list_item(stub, "  ")


def _keeps_contract(exchange: RecordedExchange, writer: ReplyWriter) -> bool:
    """Whether the request would be accepted."""
    dialect, call = writer.dialects.find(writer.dialect), exchange.call
    if dialect.requests is None or exchange.body is None:
        return True
    unknown, rules = dialect.unknown, dialect.model_rules
    return not dialect.requests.judge(call.endpoint, call.body, strict=False, unknown=unknown, model_rules=rules)


def _title(group: Group) -> str:
    conversation = group.call.conversation
    results = conversation.new_tool_results
    text = f"result of {results[-1].of or 'a tool'}" if results else conversation.user or "recorded"
    short = _SPACE.sub(" ", text).strip()
    short = short if len(short) <= _MAX_NAME else f"{short[:_MAX_NAME].rstrip()}…"
    return "".join(one for one in short if one.isprintable()) or "recorded"


def _unique(name: str, names: set[str]) -> str:
    found, number = name, 1
    while found in names:
        number += 1
        found = f"{name} ({number})"
    names.add(found)
    return found


def _line(text: str) -> str:
    shown = "".join(one if one.isprintable() else " " for one in text)
    return shown if len(shown) <= 300 else f"{shown[:300]}…"
