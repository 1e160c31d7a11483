"""`mockserver errors`, `rules` and `schema`: reference tables."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence

from mockserver.contract import CONTRACT_DATE, Machine
from mockserver.contract.request_body import BODY_RULES
from mockserver.contract.request_contract import REQUEST_RULES
from mockserver.contract.rules import RULES
from mockserver.model.dialect import CatalogueEntry
from mockserver.model.json import JSON, JSONObject, as_object, write
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
        _print_json(
            [
                {"id": name, "meaning": meaning, "source": source, "contract": CONTRACT_DATE}
                for name, meaning, source in listed
            ]
        )
        return 0
    _print(_table([("RULE", "MEANING", "SOURCE"), *listed]))
    sys.stdout.write(f"\ncontract of {CONTRACT_DATE}\n")
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
        sys.stdout.write(_page(format_schema()))
    else:
        _print_json(format_schema())
    return 0


# --- the reference of the scenario format as a Markdown page ---


_SECTIONS = (
    ("stub", "A stub"),
    ("own_path", "A path"),
    ("when", "Conditions"),
    ("operators", "Text matchers"),
    ("reply", "A reply"),
    ("defaults", "Defaults"),
    ("model_rule", "A model rule"),
    ("usage", "Usage"),
    ("pace", "Pace"),
)
_PAGE_HEAD = """\
# The scenario format

Generated from the JSON Schema that the loader uses. `mockserver schema` prints that schema;
an editor with YAML support completes keys from it when a file begins with

```yaml
# yaml-language-server: $schema=scenario.schema.json
```

and the schema is next to it: `mockserver schema > scenario.schema.json`.
"""


def _page(schema: JSONObject) -> str:
    defs = as_object(schema.get("$defs"))
    parts = [_PAGE_HEAD, "## A file\n", _key_table(schema, defs)]
    for name, title in _SECTIONS:
        section = as_object(defs.get(name))
        parts.append(f"## {title}\n")
        about = section.get("description")
        if isinstance(about, str):
            parts.append(f"{about}\n")
        parts.append(_key_table(section, defs))
    parts.append("## Output items\n")
    for name in defs:
        if name.endswith("_item"):
            item = as_object(defs[name])
            required = item.get("required")
            key = required[0] if isinstance(required, list) and required else name
            parts.append(f"### `{key}`\n")
            parts.append(_key_table(item, defs))
    return "\n".join(parts).rstrip() + "\n"


def _key_table(schema: JSONObject, defs: JSONObject) -> str:
    return "\n".join(("| key | type | description |", "|---|---|---|", *_rows(schema, defs), ""))


def _rows(schema: JSONObject, defs: JSONObject) -> Iterator[str]:
    required = schema.get("required")
    names = required if isinstance(required, list) else []
    for key, inner in as_object(schema.get("properties")).items():
        value = as_object(inner)
        about = value.get("description") or _resolved(value, defs).get("description") or ""
        name = f"`{key}`" + (" (required)" if key in names else "")
        yield f"| {name} | {_cell(_kind(value, defs))} | {_cell(str(about))} |"


def _kind(value: JSONObject, defs: JSONObject) -> str:
    if isinstance(title := value.get("title"), str):
        return title
    if "enum" in value or "const" in value:
        choices = value.get("enum", [value.get("const")])
        return " / ".join(_literal(one) for one in (choices if isinstance(choices, list) else []))
    if "$ref" in value:
        return _kind(_resolved(value, defs), defs)
    for word in ("anyOf", "oneOf"):
        arms = value.get(word)
        if isinstance(arms, list):
            kinds = (_kind(as_object(one), defs) for one in arms)
            return " or ".join(dict.fromkeys(text for text in kinds if text))
    kind = value.get("type")
    if isinstance(kind, list):
        return " or ".join(str(one) for one in kind)
    return str(kind or "anything")


def _literal(value: JSON) -> str:
    return f"`{value}`" if isinstance(value, str) else f"`{write(value)}`"


def _resolved(value: JSONObject, defs: JSONObject) -> JSONObject:
    ref = value.get("$ref")
    return as_object(defs.get(ref.rpartition("/")[2])) if isinstance(ref, str) else {}


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


# --- output ---


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join([cell.ljust(width) for cell, width in zip(row, widths, strict=True)]).rstrip()


def _print(lines: Iterator[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _print_json(value: JSON) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


COMMANDS = {"errors": errors, "rules": rules, "schema": schema}
