"""The options of pytest and the keys of the marker, derived from the table of settings."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.model.settings import Scope, Setting, rows

# Which server a suite uses may come from the surroundings; how it tests may not.
_FROM_ENVIRONMENT = ("url", "admin_token")


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("mockserver", "a scripted OpenAI-style upstream")
    for setting in rows(Scope.FIXTURE, Scope.SANDBOX):
        _add(group, setting)
    parser.addini(
        "mockserver_scenarios",
        type="paths",
        default=[],
        help="folders in which the fixture mockserver finds scenarios, after the test's own",
    )


def _add(group: pytest.OptionGroup, setting: Setting) -> None:
    flag, kind, default = setting.plugin_flag, setting.kind, setting.default
    assert flag is not None  # noqa: S101  # both scopes have one
    shown = f" (default: {setting.default_text})" if setting.default_text else ""
    about = f"{setting.help}{shown}"
    own = setting.scope is Scope.FIXTURE
    given: dict[str, Any] = {"default": default if own else None, "help": about}
    if own and setting.name in _FROM_ENVIRONMENT:
        given["default"] = os.environ.get(setting.variable)
        given["help"] = f"{about} [{setting.variable}]"
    if kind.is_flag:
        group.addoption(flag, action="store_true", **given)
        return
    action = "append" if kind.is_list else "store"
    group.addoption(
        flag, action=action, type=_reader(setting), metavar=setting.metavar or "|".join(kind.choices), **given
    )


def _reader(setting: Setting) -> Callable[[str], object]:
    def read(text: str) -> object:
        value = setting.kind.parse(text)
        if value is None:
            raise argparse.ArgumentTypeError(f"expected {setting.kind.expected}, got {text!r}")
        return value

    return read


def given_settings(config: pytest.Config) -> dict[str, object]:
    """The settings of every test's sandbox that the command line gives."""
    found = {one.name: config.getoption(str(one.plugin_flag)) for one in rows(Scope.SANDBOX)}
    return {name: value for name, value in found.items() if value is not None}


def marker_line() -> str:
    keys = ", ".join(f"{one.name}=…" for one in rows(Scope.SANDBOX))
    return (
        f"mockserver(*scenarios, {keys}, allow=…): load scenarios into the sandbox of the fixture "
        "mockserver and change its settings; allow names what does not fail the test, of "
        "'unmatched', 'findings' and 'counts'."
    )
