"""What the control routes do, as plain functions from a request to a document.

They run on the thread of the loop that owns the sandboxes, hold their lock and wait for nothing.
Over HTTP and in the same process they are the same functions, so that a client sees the same
documents either way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from mockserver import __version__
from mockserver.errors import UsageError
from mockserver.model.journal import Entry, Journal
from mockserver.model.json import JSON, JSONObject
from mockserver.model.settings import Settings
from mockserver.model.shadowed import shadowed_stubs
from mockserver.model.verdict import AllowedFailures
from mockserver.report.serialize import entry_document, scenario_document, verdict_document
from mockserver.server.control_gates import (
    add_gate,
    clear_gates,
    list_gates,
    one_gate,
    release,
    remove_gate,
)
from mockserver.server.control_message import (
    ControlError,
    ControlReply,
    ControlRequest,
    object_of,
    refusal,
)
from mockserver.server.control_openapi import OPENAPI
from mockserver.server.control_settings import read_settings
from mockserver.server.sandbox import DEFAULT, Sandbox
from mockserver.server.sandboxes import SandboxDropped, Sandboxes, SandboxLimit, SandboxTaken

PAGE = 1000
"""How many journal entries one answer holds where no `limit` is given."""

NAME = re.compile(r"[A-Za-z0-9._~-]{1,200}")

Action: TypeAlias = Callable[[Sandboxes, ControlRequest, str], ControlReply]


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    path: re.Pattern[str]
    action: Action


def answer(sandboxes: Sandboxes, asked: ControlRequest) -> ControlReply:
    """Do what is asked; every refusal is an answer, nothing is raised."""
    try:
        action, rest = _find(asked)
        with sandboxes.lock:
            return action(sandboxes, asked, rest)
    except ControlError as error:
        return refusal(error)
    except SandboxTaken as error:
        return refusal(ControlError(409, str(error)))
    except UsageError as error:
        return refusal(ControlError(400, str(error)))
    except SandboxLimit as error:
        return refusal(ControlError(503, str(error)))
    except SandboxDropped as error:
        return refusal(ControlError(410, str(error)))


def _find(asked: ControlRequest) -> tuple[Action, str]:
    """The action of a route, and what its path names."""
    allowed: list[str] = []
    for route in _ROUTES:
        found = route.path.fullmatch(asked.path)
        if found is not None:
            if route.method == asked.method:
                return route.action, found.groupdict().get("rest", "")
            allowed.append(route.method)
    if not allowed:
        raise ControlError(404, f"no control route {asked.path!r}: see openapi.json")
    ways = ", ".join(allowed)
    message = f"{asked.method} is not allowed on {asked.path!r}: wanted {ways}"
    raise ControlError(405, message, headers={"Allow": ways})


# --- health and the document ---


def _health(sandboxes: Sandboxes, _asked: ControlRequest, _rest: str) -> ControlReply:
    count = len(sandboxes.names)
    return ControlReply(document={"status": "ok", "version": __version__, "sandboxes": count})


def _openapi(_sandboxes: Sandboxes, _asked: ControlRequest, _rest: str) -> ControlReply:
    return ControlReply(document=OPENAPI)


# --- sandboxes ---


def _list_sandboxes(sandboxes: Sandboxes, _asked: ControlRequest, _rest: str) -> ControlReply:
    listed: list[JSON] = [_sandbox_document(sandboxes.get(name)) for name in sandboxes.names]
    return ControlReply(document={"sandboxes": listed})


def create(
    sandboxes: Sandboxes, name: object, *, scenarios: bool, settings: Mapping[str, object]
) -> str:
    """Make a sandbox, of a name that is found where it is None, and give its name.

    Raises `UsageError` for what cannot be, `SandboxLimit` beyond the limit.
    """
    if name is not None and not (isinstance(name, str) and NAME.fullmatch(name)):
        raise UsageError(f"'name': wanted 1 to 200 letters, digits or any of ._~-, got {name!r}")
    wanted = read_settings(settings, sandboxes.settings) if settings else None
    if scenarios:
        return sandboxes.create(name, scenarios=True, settings=wanted).name
    return sandboxes.reserve(name, settings=wanted)


def _create_sandbox(sandboxes: Sandboxes, asked: ControlRequest, _rest: str) -> ControlReply:
    body = object_of(asked, "name", "scenarios", "settings")
    wants, settings = body.get("scenarios", False), body.get("settings", {})
    if not isinstance(wants, bool):
        raise UsageError(f"'scenarios': wanted true or false, got {wants!r}")
    if not isinstance(settings, dict):
        raise UsageError(f"'settings': wanted a mapping, got {settings!r}")
    made = create(sandboxes, body.get("name"), scenarios=wants, settings=settings)
    return ControlReply(status=201, document=_sandbox_document(sandboxes.get(made)))


def _one_sandbox(sandboxes: Sandboxes, _asked: ControlRequest, name: str) -> ControlReply:
    if name not in sandboxes.names:
        raise ControlError(404, f"no sandbox {name!r}")
    return ControlReply(document=_sandbox_document(sandboxes.get(name)))


def _drop_sandbox(sandboxes: Sandboxes, asked: ControlRequest, name: str) -> ControlReply:
    name = name or asked.sandbox
    drop(sandboxes, name)
    return ControlReply(document={"dropped": name})


def drop(sandboxes: Sandboxes, name: str) -> None:
    """Forget a sandbox; raises `ControlError` where there is none."""
    if not sandboxes.drop(name):
        raise ControlError(404, f"no sandbox {name!r}")


def _sandbox_document(sandbox: Sandbox) -> JSONObject:
    settings: Settings = sandbox.settings
    return {
        "name": sandbox.name,
        "url": f"/sandbox/{sandbox.name}",
        "scenarios": [one.name for one in sandbox.board.scenarios],
        "requests": len(sandbox.journal),
        "open": [*sandbox.journal.open],
        "settings": {
            "contract": settings.contract.value,
            "strict": settings.strict,
            "unmatched": settings.unmatched.value,
            "time_scale": settings.time_scale,
        },
    }


# --- scenarios ---


def _list_scenarios(sandboxes: Sandboxes, asked: ControlRequest, _rest: str) -> ControlReply:
    board = sandboxes.get(asked.sandbox).board
    listed: list[JSON] = [
        scenario_document(
            scenario, [(one.stub, one.calls) for one in board.mounted if one.scenario is scenario]
        )
        for scenario in board.scenarios
    ]
    return ControlReply(document={"scenarios": listed})


def _load_scenario(sandboxes: Sandboxes, asked: ControlRequest, _rest: str) -> ControlReply:
    scenario = asked.upload
    if scenario is None:
        raise UsageError("no scenario was sent: wanted YAML or a JSON object")
    name = sandboxes.get(asked.sandbox).load(scenario)
    stubs: list[JSON] = [stub.name for stub in scenario.stubs]
    return ControlReply(status=201, document={"scenario": name, "stubs": stubs})


def _unload_all(sandboxes: Sandboxes, asked: ControlRequest, _rest: str) -> ControlReply:
    board = sandboxes.get(asked.sandbox).board
    names = [one.name for one in board.scenarios]
    for name in names:
        board.unload(name)
    return ControlReply(document={"unloaded": [*names]})


def _unload(sandboxes: Sandboxes, asked: ControlRequest, name: str) -> ControlReply:
    if not sandboxes.get(asked.sandbox).board.unload(name):
        raise ControlError(404, f"no scenario {name!r} in sandbox {asked.sandbox!r}")
    return ControlReply(document={"unloaded": [name]})


# --- journal and verdict ---


def _journal(sandboxes: Sandboxes, asked: ControlRequest, _rest: str) -> ControlReply:
    journal = sandboxes.get(asked.sandbox).journal
    after, limit = _count(asked, "after", 0), _count(asked, "limit", PAGE)
    later = [one for one in journal if one.number > after]
    entries: list[JSON] = [*_entries(later, limit, asked)]
    return ControlReply(
        document={
            "entries": entries,
            "more": len(later) > limit,
            "last": journal.next_number() - 1,
            "open": [*journal.open],
            "dropped": journal.dropped,
        }
    )


def _journal_entry(sandboxes: Sandboxes, asked: ControlRequest, number: str) -> ControlReply:
    journal = sandboxes.get(asked.sandbox).journal
    if journal.get(int(number)) is None:
        raise ControlError(404, f"no entry {number} in the journal of {asked.sandbox!r}")
    since = [one for one in journal if one.number >= int(number)]
    return ControlReply(document=_entries(since, 1, asked)[0])


def documents(journal: Journal) -> list[JSONObject]:
    """Every entry of a journal, with the secrets in it."""
    entries = journal.entries
    return _documents(entries, entries, reveal=True)


def _entries(entries: Sequence[Entry], limit: int, asked: ControlRequest) -> list[JSONObject]:
    """Documents of the first `limit` of the entries, which reach to the journal's end."""
    told = entries[:limit]
    return _documents(told, entries, reveal=asked.query.get("reveal") == "true")


def _documents(
    told: Sequence[Entry], entries: Sequence[Entry], *, reveal: bool
) -> list[JSONObject]:
    if not told:
        return []
    others = shadowed_stubs(entries, {one.number for one in told})
    return [entry_document(one, others=others.get(one.number, ()), reveal=reveal) for one in told]


def _clear_journal(sandboxes: Sandboxes, asked: ControlRequest, _rest: str) -> ControlReply:
    sandboxes.get(asked.sandbox).journal.clear()
    return ControlReply(document={"cleared": asked.sandbox})


def _verify(sandboxes: Sandboxes, asked: ControlRequest, _rest: str) -> ControlReply:
    allowed = object_of(asked, "allow").get("allow", [])
    known = ("unmatched", "findings", "counts")
    if not isinstance(allowed, list) or any(one not in known for one in allowed):
        raise UsageError(f"'allow': wanted a list of {', '.join(known)}, got {allowed!r}")
    sandbox = sandboxes.get(asked.sandbox)
    leniency = AllowedFailures(
        unmatched="unmatched" in allowed, findings="findings" in allowed, counts="counts" in allowed
    )
    verdict = sandbox.verdict(leniency)
    return ControlReply(document=verdict_document(verdict, sandbox=told_name(sandbox.name)))


def told_name(sandbox: str) -> str:
    """A sandbox in reports; the default one needs no name."""
    return "" if sandbox == DEFAULT else sandbox


def _reset(sandboxes: Sandboxes, asked: ControlRequest, _rest: str) -> ControlReply:
    sandboxes.get(asked.sandbox).reset()
    return ControlReply(document={"reset": asked.sandbox})


# --- reading what is asked ---


def _count(asked: ControlRequest, name: str, default: int) -> int:
    text = asked.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise UsageError(f"query {name!r}: wanted a whole number from 0, got {text!r}")
    return int(text)


_NUMBER = r"(?P<rest>\d{1,15})"
_ROUTE = partial(re.compile, flags=re.ASCII)
_ROUTES = (
    _Route("GET", _ROUTE("health"), _health),
    _Route("GET", _ROUTE(r"openapi\.json"), _openapi),
    _Route("GET", _ROUTE("sandboxes"), _list_sandboxes),
    _Route("POST", _ROUTE("sandboxes"), _create_sandbox),
    _Route("DELETE", _ROUTE("sandboxes"), _drop_sandbox),
    _Route("GET", _ROUTE("sandboxes/(?P<rest>[^/]+)"), _one_sandbox),
    _Route("DELETE", _ROUTE("sandboxes/(?P<rest>[^/]+)"), _drop_sandbox),
    _Route("GET", _ROUTE("scenarios"), _list_scenarios),
    _Route("POST", _ROUTE("scenarios"), _load_scenario),
    _Route("DELETE", _ROUTE("scenarios"), _unload_all),
    _Route("DELETE", _ROUTE("scenarios/(?P<rest>.+)"), _unload),
    _Route("GET", _ROUTE("journal"), _journal),
    _Route("DELETE", _ROUTE("journal"), _clear_journal),
    _Route("GET", _ROUTE(rf"journal/{_NUMBER}"), _journal_entry),
    _Route("GET", _ROUTE("gates"), list_gates),
    _Route("POST", _ROUTE("gates"), add_gate),
    _Route("DELETE", _ROUTE("gates"), clear_gates),
    _Route("GET", _ROUTE(rf"gates/{_NUMBER}"), one_gate),
    _Route("DELETE", _ROUTE(rf"gates/{_NUMBER}"), remove_gate),
    _Route("POST", _ROUTE(rf"gates/{_NUMBER}/release"), release),
    _Route("POST", _ROUTE("verify"), _verify),
    _Route("POST", _ROUTE("reset"), _reset),
)
