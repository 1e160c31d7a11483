"""`mockserver errors`, `rules` and `schema`: reference tables."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence

from mockserver.cli.format_page import page
from mockserver.contract import Machine
from mockserver.contract.request_body import BODY_RULES
from mockserver.contract.request_contract import REQUEST_RULES
from mockserver.contract.rules import RULES
from mockserver.model.dialect import CatalogueEntry
from mockserver.model.json import JSON, JSONObject
from mockserver.scenario.dialects import Dialects
from mockserver.scenario.files import format_schema


def errors(options: argparse.Namespace) -> int:
    """Every error of the catalogue: name, status, type, code, meaning."""
    catalogue = Dialects().find("openai").catalogue.values()
    if options.json:
        _print_json([_entry(one) for one in catalogue])
        return 0
    rows = [("NAME", "STATUS", "TYPE", "CODE", "MEANING")]
    rows.extend(
        (
            one.name,
            str(one.status),
            "HTML" if one.html else str(one.members.get("type")),
            str(one.members.get("code") or ""),
            one.about,
        )
        for one in catalogue
    )
    _print(_table(rows))
    return 0


def _entry(entry: CatalogueEntry) -> JSONObject:
    document: JSONObject = {"name": entry.name, "status": entry.status, "about": entry.about}
    return document | {key: entry.members.get(key) for key in ("type", "code", "param", "message")}


def rules(options: argparse.Namespace) -> int:
    """Every rule: id, meaning, source; or the stream grammars as diagrams."""
    if options.diagram:
        from mockserver.contract.judge import GRAMMAR  # noqa: PLC0415  # only for diagrams

        sys.stdout.write("\n".join(diagram(machine) for machine in GRAMMAR.values()))
        return 0
    listed = [(rule.id, rule.meaning, rule.source) for rule in (*RULES.values(), *BODY_RULES, *REQUEST_RULES)]
    if options.json:
        _print_json([{"id": name, "meaning": meaning, "source": source} for name, meaning, source in listed])
        return 0
    _print(_table([("RULE", "MEANING", "SOURCE"), *listed]))
    return 0


def diagram(machine: Machine) -> str:
    """A state machine as a Mermaid state diagram in a block of Markdown. A state without a way out
    leads to the end; words that lead from one state to the same next one share an arrow."""
    lines = [f"## {machine.name}", "", "```mermaid", "stateDiagram-v2"]
    lines.append(f"    [*] --> {_state(machine.start)}")
    for state, row in machine.steps.items():
        arrows: dict[str, list[str]] = {}
        for word, following in row.items():
            arrows.setdefault(following, []).append(machine.describe(word))
        for following, words in arrows.items():
            # A colon or semicolon would end the label.
            label = ", ".join(dict.fromkeys(words)).translate(_IN_LABELS)
            lines.append(f"    {_state(state)} --> {_state(following)}: {label}")
    states = dict.fromkeys((*machine.steps, *(to for row in machine.steps.values() for to in row.values())))
    ends = [state for state in states if not machine.steps.get(state)]
    lines += [f"    {_state(state)} --> [*]" for state in ends]
    return "\n".join((*lines, "```", ""))


_IN_LABELS = str.maketrans({":": "#58;", ";": "#59;", "#": "#35;"})


def _state(name: str) -> str:
    return re.sub(r"\W", "_", name)


def schema(options: argparse.Namespace) -> int:
    """The JSON Schema of the scenario format, for editors, or its page of documentation."""
    if options.markdown:
        sys.stdout.write(page(format_schema()))
    else:
        _print_json(format_schema())
    return 0


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()


def _print(lines: Iterator[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _print_json(value: JSON) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


COMMANDS = {"errors": errors, "rules": rules, "schema": schema}
