"""`mockserver verify`: what an upstream answers, compared with what scenarios say."""

from __future__ import annotations

import argparse
import http.client
import os
import re
import ssl
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode, urlsplit
from xml.sax.saxutils import quoteattr

from mockserver.contract.dialect_loader import LazyReplyValidator
from mockserver.contract.openai import OPENAI
from mockserver.contract.reply_contract import ReplyContract
from mockserver.errors import UsageError
from mockserver.model.call import Call
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject, as_object, read_text, write, write_bytes
from mockserver.model.request import Headers
from mockserver.model.route import PREFIX
from mockserver.model.sse import read_event, split_events
from mockserver.model.stub import Scenario
from mockserver.pipeline.request_templates import sampled
from mockserver.recording.drift import Drift, drift, json_body
from mockserver.recording.exchange import RecordedExchange, UnreadableBodyError
from mockserver.recording.reader import read_recording
from mockserver.recording.replies import FRAMING
from mockserver.recording.samples import Sample, Unasked, samples
from mockserver.recording.yaml_text import yaml_lines
from mockserver.render import render
from mockserver.render.context import RenderContext
from mockserver.render.http1 import sse_stream
from mockserver.render.replies import EventStream, RawReply
from mockserver.report.redact import truncate_middle
from mockserver.report.text import stub_title
from mockserver.scenario.dialects import Dialects
from mockserver.scenario.load import load_paths

_LIMIT: Final = 64 * 1024 * 1024
_NOT_ASKED: Final = frozenset({401, 403, 408, 409, 429})
"""Errors, with those of 500 and above, that no request asks for: of a stub they are not verified, of an upstream they
say nothing about its form."""
_BUDGET: Final = re.compile(r"(calls|tokens)=([1-9][0-9]{0,8})([kM]?)")
_LEAST_TOKENS: Final = 16
_MOST_TOKENS: Final = 2048


@dataclass(slots=True)
class Outcome:
    """What was found for one request: the differences, or why it could not be checked (`skipped` without a call)."""

    title: str
    way: str
    found: tuple[Drift, ...] = ()
    failed: str = ""
    skipped: str = ""


def verify(options: argparse.Namespace) -> int:
    """0 without drift, 1 with; 2 where nothing was checked, or the upstream did not answer a request."""
    upstream = _Connection(options.upstream, options.upstream_key_env, options.timeout)
    budget = _budget(options.budget)
    # Without their headers, among which are credentials.
    recorded = [
        Call(one.call.endpoint, one.body)
        for name in options.requests
        for one in read_recording(_file(name), name).exchanges
        if one.endpoint is not None and one.body is not None
    ]
    outcomes = [
        _outcome(scenario, one, upstream, budget)
        for scenario in load_paths(options.paths, Dialects())
        for stub in scenario.stubs
        for one in samples(scenario, stub, recorded, options.model)
    ]
    text = write(_document(outcomes)) if options.json else "\n".join(_report(outcomes))
    sys.stdout.write(f"{text}\n")
    if options.junit is not None:
        try:
            Path(options.junit).write_text(_junit(outcomes), "utf-8")
        except OSError as error:
            raise UsageError(f"cannot write {options.junit}: {error.strerror}") from error
    checked = [one for one in outcomes if not one.skipped and not one.failed]
    if any(one.found for one in outcomes):
        return 1
    return 2 if not checked or any(one.failed for one in outcomes) else 0


def _file(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}") from error


def _budget(text: str) -> dict[str, int]:
    found = {"calls": 20, "tokens": 20_000}
    for part in text.split(",") if text else ():
        given = _BUDGET.fullmatch(part.strip())
        if given is None:
            raise UsageError(f"--budget: expected calls=NUMBER,tokens=NUMBER such as calls=20,tokens=10k, got {text!r}")
        found[given[1]] = int(given[2]) * {"": 1, "k": 1000, "M": 1_000_000}[given[3]]
    return found


def _outcome(scenario: Scenario, sample: Sample | Unasked, upstream: _Connection, budget: dict[str, int]) -> Outcome:
    title = stub_title(sample.stub)
    if isinstance(sample, Unasked):
        return Outcome(title, "", skipped=sample.reason)
    call = sample.call
    outcome = Outcome(title, f"{call.endpoint.value}, {'streaming' if call.stream else 'non-streaming'}")
    expected = _expected(scenario, sample)
    if isinstance(expected, str):
        outcome.skipped = expected
    elif budget["calls"] <= 0 or budget["tokens"] < _LEAST_TOKENS:
        outcome.skipped = "the budget is used up"
    else:
        body = dict(call.body)
        bound = "max_completion_tokens" if call.endpoint.value == "chat" else "max_output_tokens"
        if call.endpoint.value != "compact" and not body.keys() & {bound, "max_tokens"}:
            body[bound] = min(budget["tokens"], _MOST_TOKENS)
        budget["calls"] -= 1
        try:
            got = upstream.send(sample, body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            outcome.failed = f"{upstream.origin} did not answer: {str(error) or type(error).__name__}"
            return outcome
        budget["tokens"] -= _tokens(got)
        if _unasked(got.status) or 300 <= got.status < 400:
            message = as_object(json_body(got.reply_body).get("error")).get("message")
            outcome.failed = f"{upstream.origin} answered {got.status}: {truncate_middle(str(message))}"
        else:
            outcome.found = drift(expected, got, shape=sample.shape, contract=_contract(scenario))
    return outcome


def _unasked(status: int) -> bool:
    return status in _NOT_ASKED or status >= 500


def _contract(scenario: Scenario) -> ReplyContract:
    replies = scenario.dialect.replies
    return replies.contract if isinstance(replies, LazyReplyValidator) else OPENAI


def _expected(scenario: Scenario, sample: Sample) -> RecordedExchange | str:
    """What the scenario answers, without faults; or why that cannot be compared."""
    ids = IdGenerator(seed=scenario.seed, scenario=scenario.name, stub=sample.stub.name, call=0)
    context = RenderContext(call=sample.call, dialect=scenario.dialect, ids=ids)
    reply = render(sampled(sample.stub.replies[0]), context, sample.shape, stream=sample.call.stream)
    if isinstance(reply, RawReply):
        return "its reply is raw bytes"
    if _unasked(reply.status):
        return f"no request asks for an error {reply.status}"
    body = b"".join(sse_stream(reply.events)) if isinstance(reply, EventStream) else reply.body
    try:
        return RecordedExchange.of(
            origin="scenario", request=("POST", sample.path, (), b""), reply=(reply.status, reply.headers, body)
        )
    except UnreadableBodyError as error:
        return str(error)


def _tokens(got: RecordedExchange) -> int:
    """The tokens that a reply says it used; where it says nothing, as many as its bytes may be."""
    said = [read_event(one).data for one in split_events(got.reply_text or "")] if got.streamed else []
    values: list[JSON] = [value for one in said if isinstance(value := read_text(one or ""), dict)]
    for value in reversed([*values, json_body(got.reply_body)]):
        usage = as_object(as_object(value).get("usage")) or as_object(
            as_object(as_object(value).get("response")).get("usage")
        )
        total = usage.get("total_tokens")
        if isinstance(total, int):
            return total
    return len(got.reply_body) // 4


# --- the upstream ---


class _Connection:
    """Calls of one upstream: certificates are verified, redirects are not followed, replies are bounded."""

    def __init__(self, url: str, key_variable: str | None, timeout_s: float) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or port == -1:
            raise UsageError("--upstream: expected http(s)://HOST[:PORT][/PATH] without user and query")
        self._host, self._port, self._secure = parts.hostname, port, parts.scheme == "https"
        self._base = parts.path.rstrip("/").removesuffix(PREFIX)
        self._timeout_s = timeout_s
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._key = ""
        if key_variable is not None:
            self._key = os.environ.get(key_variable, "")
            if not self._key or not self._key.isprintable() or not self._key.isascii():
                raise UsageError(f"--upstream-key-env: the variable {key_variable} has no key")

    def send(self, sample: Sample, body: JSONObject) -> RecordedExchange:
        asked = {name.lower(): value for name, value in sample.call.headers}
        headers = {name: value for name, value in asked.items() if name not in {*FRAMING, "host"}}
        headers |= {"content-type": "application/json", "accept-encoding": "identity"}
        if self._key:
            headers |= {"authorization": f"Bearer {self._key}", "api-key": self._key}
        query = f"?{urlencode(sample.call.query)}" if sample.call.query else ""
        connection = (
            http.client.HTTPSConnection(
                self._host, self._port, timeout=self._timeout_s, context=ssl.create_default_context()
            )
            if self._secure
            else http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_s)
        )
        try:
            connection.request("POST", f"{self._base}{quote(sample.path)}{query}", write_bytes(body), headers)
            reply = connection.getresponse()
            data = reply.read(_LIMIT + 1)
        finally:
            connection.close()
        if len(data) > _LIMIT:
            raise OSError(f"a reply of more than {_LIMIT} bytes")
        found: Headers = tuple(reply.getheaders())
        return RecordedExchange.of(
            origin=self.origin, request=("POST", sample.path, (), b""), reply=(reply.status, found, data)
        )


# --- reports ---


def _report(outcomes: list[Outcome]) -> Iterator[str]:
    for one in outcomes:
        title = f"{one.title} on {one.way}" if one.way else one.title
        if one.skipped or one.failed:
            yield f"{title}: {'skipped' if one.skipped else 'could not check'}: {one.skipped or one.failed}"
        elif not one.found:
            yield f"{title}: no drift"
        for found in one.found:
            line = f"{found.kind:<15} {found.place}: expected {found.expected}, got {found.got}"
            yield f"{title}: {truncate_middle(line)}"
            yield from (f"    {row}" for row in yaml_lines(found.scenario))
    patch = _patch(outcomes)
    if patch:
        yield "proposed for the dialect:"
        yield from yaml_lines(patch, "  ")
    drifts = sum(len(one.found) for one in outcomes)
    checked = sum(not one.skipped and not one.failed for one in outcomes)
    yield f"{checked} of {len(outcomes)} checked, {drifts} {'difference' if drifts == 1 else 'differences'}"


def _patch(outcomes: list[Outcome]) -> JSONObject:
    """What a dialect has to say so that every difference of its form is gone."""
    found: JSONObject = {}
    for one in outcomes:
        for each in one.found:
            found = _laid_over(found, each.dialect)
    return found


def _laid_over(one: JSONObject, other: JSONObject) -> JSONObject:
    found = dict(one)
    for name, value in other.items():
        inner = found.get(name)
        if isinstance(inner, dict) and isinstance(value, dict):
            found[name] = _laid_over(inner, value)
        elif isinstance(inner, list) and isinstance(value, list):
            found[name] = [*inner, *(one for one in value if one not in inner)]
        else:
            found[name] = value
    return found


def _document(outcomes: list[Outcome]) -> JSONObject:
    checks: list[JSON] = []
    for one in outcomes:
        status = "skipped" if one.skipped else "failed" if one.failed else "drift" if one.found else "same"
        drifts = [
            {"class" if name == "kind" else name: got for name, got in asdict(each).items()} for each in one.found
        ]
        reason = one.skipped or one.failed
        checks.append({"stub": one.title, "request": one.way, "status": status, "reason": reason, "drift": [*drifts]})
    return {"checks": checks, "dialect": _patch(outcomes)}


def _junit(outcomes: list[Outcome]) -> str:
    lines = []
    for one in outcomes:
        lines.append(f"<testcase classname={_attribute(one.title)} name={_attribute(one.way)}>")
        for each in one.found:
            text = f"{each.place}: expected {each.expected}, got {each.got}"
            lines.append(f"<failure type={_attribute(each.kind)} message={_attribute(text)}/>")
        if one.failed or one.skipped:
            name = "error" if one.failed else "skipped"
            lines.append(f"<{name} message={_attribute(one.failed or one.skipped)}/>")
        lines.append("</testcase>")
    counts = f'tests="{len(outcomes)}" failures="{sum(bool(one.found) for one in outcomes)}"'
    suite = f'<testsuite name="mockserver verify" {counts}>'
    return "\n".join(["<?xml version='1.0' encoding='utf-8'?>", suite, *lines, "</testsuite>", ""])


def _attribute(text: str) -> str:
    return quoteattr(truncate_middle(text).encode("utf-8", "backslashreplace").decode())


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {"verify": verify}
