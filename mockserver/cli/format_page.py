"""The reference of the scenario format as a Markdown page, generated from the format's schema."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.model.json import JSON, JSONObject, write

_SECTIONS = (
    ("stub", "A stub"),
    ("when", "Conditions"),
    ("operators", "Text matchers"),
    ("reply", "A reply"),
    ("defaults", "Defaults"),
    ("model_rule", "A model rule"),
    ("usage", "Usage"),
    ("pace", "Pace"),
)
_HEAD = """\
# The scenario format

Generated from the JSON Schema that the loader uses. `mockserver schema` prints that schema;
an editor with YAML support completes keys from it when a file begins with

```yaml
# yaml-language-server: $schema=scenario.schema.json
```

and the schema is next to it: `mockserver schema > scenario.schema.json`.
"""


def page(schema: JSONObject) -> str:
    """The whole page."""
    defs = _object(schema.get("$defs"))
    parts = [_HEAD, "## A file\n", _table(schema, defs)]
    for name, title in _SECTIONS:
        section = _object(defs.get(name))
        parts.append(f"## {title}\n")
        about = section.get("description")
        if isinstance(about, str):
            parts.append(f"{about}\n")
        parts.append(_table(section, defs))
    parts.append("## Output items\n")
    for name in defs:
        if name.endswith("_item"):
            item = _object(defs[name])
            required = item.get("required")
            key = required[0] if isinstance(required, list) and required else name
            parts.append(f"### `{key}`\n")
            parts.append(_table(item, defs))
    return "\n".join(parts).rstrip() + "\n"


def _table(schema: JSONObject, defs: JSONObject) -> str:
    return "\n".join(("| key | type | description |", "|---|---|---|", *_rows(schema, defs), ""))


def _rows(schema: JSONObject, defs: JSONObject) -> Iterator[str]:
    required = schema.get("required")
    names = required if isinstance(required, list) else []
    for key, inner in _object(schema.get("properties")).items():
        value = _object(inner)
        about = value.get("description") or _resolved(value, defs).get("description") or ""
        name = f"`{key}`" + (" (required)" if key in names else "")
        yield f"| {name} | {_cell(_kind(value, defs))} | {_cell(str(about))} |"


def _kind(value: JSONObject, defs: JSONObject) -> str:
    """What a value is, in a few words."""
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
            kinds = (_kind(_object(one), defs) for one in arms)
            return " or ".join(dict.fromkeys(text for text in kinds if text))
    kind = value.get("type")
    if isinstance(kind, list):
        return " or ".join(str(one) for one in kind)
    return str(kind or "anything")


def _literal(value: JSON) -> str:
    return f"`{value}`" if isinstance(value, str) else f"`{write(value)}`"


def _resolved(value: JSONObject, defs: JSONObject) -> JSONObject:
    ref = value.get("$ref")
    return _object(defs.get(ref.rpartition("/")[2])) if isinstance(ref, str) else {}


def _object(value: JSON) -> JSONObject:
    return value if isinstance(value, dict) else {}


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
