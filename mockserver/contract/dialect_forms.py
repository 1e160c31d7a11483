"""The keys `echo`, `items`, `http` and `edge` of a dialect file: how replies repeat requests, the
forms of items, and what HTTP replies have by shape and status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mockserver.contract import ConfigSection, DialectDataError
from mockserver.model.dialect import Dialect
from mockserver.model.echo_style import EchoForm, EchoStyle
from mockserver.model.endpoint import SHAPES
from mockserver.model.headers import header_problem
from mockserver.model.http_rule import HttpRule
from mockserver.model.item_form import ItemForm, ItemForms
from mockserver.model.model_traits import ModelTraits
from mockserver.model.request import Headers

_ECHO_FLAGS = ("decimals", "by_model")


def read_echo(root: ConfigSection, key: str, base: Dialect) -> EchoStyle:
    """The style of echoes, laid over the base's; forms and tiers entry by entry."""
    section = root.section(key)
    section.only((*_ECHO_FLAGS, "members", "whole_only", "tools", "formats", "tiers"))
    style = base.echo
    changes: dict[str, object] = {name: section.flag(name) for name in _ECHO_FLAGS if name in section.data}
    if "members" in section.data:
        changes["members"] = style.members | section.object("members")
    if "whole_only" in section.data:
        changes["whole_only"] = section.texts("whole_only")
    if "tiers" in section.data:
        tiers = section.section("tiers")
        changes["tiers"] = tiers.layered(style.tiers, tiers.text)
    changes |= {
        "tools": _forms(section.section("tools"), style.tools),
        "formats": _forms(section.section("formats"), style.formats),
    }
    return replace(style, **changes)  # type: ignore[arg-type]  # checked key by key above


def _forms(section: ConfigSection, base: Mapping[str, EchoForm]) -> Mapping[str, EchoForm]:
    return section.layered(base, lambda name: _form(section.section(name)))


def _form(section: ConfigSection) -> EchoForm:
    section.only(("order", "defaults"))
    return EchoForm(order=section.texts("order"), defaults=section.object("defaults"))


_ITEM_OBJECTS = ("defaults", "by_trait", "added", "ended")
_ITEM_LISTS = ("order", "renewed", "stages")


def read_items(root: ConfigSection, key: str, base: Dialect) -> ItemForms:
    """The forms of items and of what they hold, laid over the base's form by form."""
    section = root.section(key)
    return section.layered(base.items, lambda name: _item_form(section.section(name)))


def _item_form(section: ConfigSection) -> ItemForm:
    section.only((*_ITEM_OBJECTS, *_ITEM_LISTS, "lists"))
    lists, traits = section.section("lists"), section.section("by_trait")
    traits.only(ModelTraits.__dataclass_fields__)
    given: dict[str, object] = {name: section.object(name) for name in _ITEM_OBJECTS if name in section.data}
    given |= {name: section.texts(name) for name in _ITEM_LISTS if name in section.data}
    return ItemForm(lists={name: lists.text(name) for name in lists.data}, **given)  # type: ignore[arg-type]  # fields by name


def read_rules(root: ConfigSection, key: str, _: Dialect) -> tuple[HttpRule, ...]:
    """The list of rules, which replaces the base's."""
    return tuple(_rule(ConfigSection.of(value, path)) for path, value in root.list(key))


def _rule(section: ConfigSection) -> HttpRule:
    section.only(("shapes", "statuses", "indent", "newline", "headers"))
    shapes = ConfigSection(dict(section.list("shapes")))
    statuses = ConfigSection(dict(section.list("statuses")))
    return HttpRule(
        shapes=tuple(shapes.choice(path, SHAPES.names) for path in shapes.data),
        statuses=tuple(statuses.status(path) for path in statuses.data),
        indent=section.count("indent") if "indent" in section.data else None,
        newline=section.flag("newline") if "newline" in section.data else None,
        headers=_headers(section.section("headers")),
    )


def _headers(section: ConfigSection) -> Headers:
    """Headers by name; null takes one away."""
    return tuple((name, "" if value is None else header_value(section, name)) for name, value in section.data.items())


def header_value(section: ConfigSection, name: str) -> str:
    """The value of a header that a reply may have; its placeholders are filled in later."""
    value = section.text(name)
    problem = header_problem(name, value)
    if problem is not None:
        raise DialectDataError(section.at(name), problem)
    return value
