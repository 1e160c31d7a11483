"""How replies repeat their request: the members that every response has, tools, formats, tiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.model.json import JSON, JSONObject


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoForm:
    """How a tool or a format of the request is repeated: `order` lists its members, `defaults` are
    the values of those that the request leaves out; a mapping is filled in member by member."""

    order: tuple[str, ...]
    defaults: JSONObject = field(default_factory=dict)

    def filled(self, given: JSONObject) -> JSONObject:
        """The object with its defaults, members that are not listed last."""
        whole: JSONObject = {}
        for name in self.order:
            if name in given:
                whole[name] = _completed(given[name], self.defaults.get(name))
            elif name in self.defaults:
                whole[name] = self.defaults[name]
        return whole | {name: value for name, value in given.items() if name not in whole}


def _completed(given: JSON, default: JSON) -> JSON:
    """A mapping with every member of the default, null where it lacks one."""
    if not isinstance(given, dict) or not isinstance(default, dict):
        return given
    return {name: given.get(name) for name in default} | given


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoStyle:
    """How replies repeat the request. `members` are added to every response, those of `whole_only`
    only where it does not stream. `tools` and `formats` are forms by type. `decimals` sends whole
    numbers as `1.0`. `tiers` maps a service tier to the one that serves it; without any it is
    always `default`. `by_model` follows the table of `model_traits`."""

    members: JSONObject = field(default_factory=dict)
    whole_only: tuple[str, ...] = ()
    tools: Mapping[str, EchoForm] = field(default_factory=dict)
    formats: Mapping[str, EchoForm] = field(default_factory=dict)
    decimals: bool = False
    tiers: Mapping[str, str] = field(default_factory=dict)
    by_model: bool = False
