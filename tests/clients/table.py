"""Writes docs/clients.md from what the last runs of `make test-clients` saw."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import yaml

from tests.clients import overview
from tests.clients.cases import GROUPS, Case
from tests.clients.clients import CLIENTS, HERE, ROOT, Client
from tests.clients.recording import recorded
from tests.clients.seen import kept

PAGE = ROOT / "docs" / "clients.md"

HEAD = """\
# Real clients

This page lists how real clients handle the replies of this server. `make client-table` generates it from
runs of `make test-clients`. Each client runs at a pinned version. Each case has its own sandbox; many cases
run at once, together with requests for models and WebSocket upgrades.

The number in parentheses is the number of requests per call of the client. *text* is the complete scripted
text, *data* the structured output, *part of the text* the text before the fault: without an error, the
client presents it as complete. If the outcome depends on a race inside the client, the cell lists every
observed outcome. A remark marks a case in which an independent measurement, with handwritten replies, gave
another outcome.

The test suites are in `tests/clients`. `make test` runs the same faults against the OpenAI
SDK for Python.
"""


def versions(client: Client) -> str:
    """What is installed, of those packages that the client is made of."""
    if client.lock.suffix == ".json":
        found = json.loads(client.lock.read_text())["packages"]
        pins = {name: found[f"node_modules/{name}"]["version"] for name in client.packages}
    else:
        listed = dict(re.findall(r"^([\w.-]+)==(\S+)$", client.lock.read_text(), re.MULTILINE))
        pins = {name: listed[name] for name in client.packages}
    return ", ".join(f"`{name}` {version}" for name, version in pins.items())


def cell(client: Client, case: Case) -> str:
    """The outcome of a case: once where all ways agree, by way where not."""
    seen, known = kept(client.name), recorded(client.name)
    outcomes = {}
    for way in client.jobs(case):
        job = f"{case.name}/{way.name}"
        if job in seen:
            outcomes[way.name] = " or ".join(dict.fromkeys((*known.get(job, ()), seen[job])))
    ways: dict[str, list[str]] = {}
    for name, outcome in outcomes.items():
        ways.setdefault(outcome, []).append(name)
    if len(ways) == 1:
        return next(iter(ways))
    return "<br>".join(f"{', '.join(names)}: {outcome}" for outcome, names in ways.items())


def rows(client: Client) -> Iterator[str]:
    remarks = yaml.safe_load((HERE / "remarks.yaml").read_text())[client.name]
    for group in GROUPS:
        cases = [case for case in group.cases if cell(client, case)]
        if not cases:
            continue
        yield f"\n### {group.title}: {client.title}\n"
        found = any(case.name in remarks for case in cases)
        yield "| case | outcome | remark |" if found else "| case | outcome |"
        yield "|---|---|---|" if found else "|---|---|"
        for case in cases:
            remark = f" {remarks.get(case.name, '')} |" if found else ""
            yield f"| {case.about} | {plain(cell(client, case))} |{remark}"


def plain(text: str) -> str:
    """Text that neither a table nor HTML takes for its own."""
    return text.replace("|", "\\|").replace("<html>", "`<html>`").replace("<unknown", "&lt;unknown")


def page() -> Iterator[str]:
    yield HEAD
    for client in CLIENTS:
        yield f"\n## {client.title}\n\n{versions(client)}{client.note}"
        yield from rows(client)
        turns = kept(f"{client.name}-turns")
        if turns:
            yield f"\n### Turns of its own: {client.title}\n\n| case | outcome |\n|---|---|"
            yield from (f"| {what} | {outcome} |" for what, outcome in sorted(turns.items()))


if __name__ == "__main__":
    PAGE.write_text("\n".join(page()) + "\n")
    overview.write()
