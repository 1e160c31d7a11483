"""The table of settings, and every place that derives from it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from mockserver.errors import UsageError
from tests.kit import (
    COUNT,
    TABLES,
    AdminService,
    ContractMode,
    Dialects,
    Sandboxes,
    Scope,
    ServerSettingsGiven,
    Settings,
    SettingsGiven,
    UnmatchedPolicy,
    add_options,
    given_settings,
    marker_line,
    openapi,
    read_settings,
    setting,
    settings_document,
    settings_page,
    settings_schema,
    value_of,
)
from tests.kit import SettingsLimits as Limits
from tests.kit import parser_parse as parse
from tests.kit import settings_rows as rows


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreSettings(Settings):
    """The settings with one more row."""

    echo_limit: int = setting(7, COUNT, "how often a text is echoed", metavar="TIMES")


@pytest.fixture
def more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TABLES, Scope.SANDBOX, MoreSettings)


# --- one row, everywhere ---


def test_a_row_is_an_option_of_the_command_line(
    more: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options, _ = parse(["serve", "--echo-limit", "3"])
    row = next(one for one in rows(Scope.SANDBOX) if one.name == "echo_limit")
    assert value_of(row, options.echo_limit) == 3
    assert value_of(row, None) == 7
    monkeypatch.setenv("MOCKSERVER_ECHO_LIMIT", "5")
    assert value_of(row, None) == 5
    with pytest.raises(SystemExit):
        parse(["serve", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "how often a text is echoed (default 7) [MOCKSERVER_ECHO_LIMIT]" in shown


def test_a_row_is_an_option_and_a_marker_key_of_pytest(more: None) -> None:
    config = pytest.Config.fromdictargs({}, [])
    parser = pytest.Parser(_ispytest=True)
    add_options(parser)
    [group] = [one for one in parser._groups if one.name == "mockserver"]
    assert "--mockserver-echo-limit" in {name for one in group.options for name in one.names()}
    assert "echo_limit=…" in marker_line()
    assert config.getoption("--mockserver-contract", None) is None


def test_a_row_is_read_and_written_by_the_admin_api(more: None) -> None:
    base = TABLES[Scope.SANDBOX]()
    sandboxes = Sandboxes(Dialects().find("openai"), settings=base, clock=time.monotonic)
    made = AdminService(sandboxes).create_sandbox("", name="a", settings={"echo_limit": 2})
    document = made["settings"]
    assert isinstance(document, dict)
    assert document["echo_limit"] == 2
    assert document.keys() == {one.name for one in rows(Scope.SANDBOX)}


def test_a_row_is_in_the_openapi_document_and_the_documentation(more: None) -> None:
    components = openapi()["components"]
    assert isinstance(components, dict)
    assert "echo_limit" in str(components["schemas"])
    row = "| `--echo-limit TIMES` | `7` | how often a text is echoed |\n"
    assert row in settings_page(Scope.SANDBOX)


@pytest.mark.parametrize(
    ("page", "scopes", "plugin"),
    [
        ("docs/server.md", (Scope.COMMAND, Scope.LISTENER, Scope.SANDBOX, Scope.SERVER), False),
        ("docs/pytest.md", (Scope.FIXTURE, Scope.SANDBOX), True),
    ],
)
def test_the_documentation_has_the_table(page: str, scopes: tuple[Scope, ...], plugin: bool) -> None:
    text = (Path(__file__).parents[2] / page).read_text("utf-8")
    assert settings_page(*scopes, plugin=plugin) in text


def test_the_keywords_that_type_checkers_see_are_the_rows() -> None:
    sandbox = {one.name for one in rows(Scope.SANDBOX)}
    server = {one.name for one in rows(Scope.SERVER, Scope.LISTENER)}
    assert set(SettingsGiven.__annotations__) == sandbox
    assert {*ServerSettingsGiven.__optional_keys__} == sandbox | server


def test_a_session_gives_only_what_its_command_line_has(pytestconfig: pytest.Config) -> None:
    assert given_settings(pytestconfig) == {}


# --- reading ---


def test_settings_are_read_over_those_of_the_server() -> None:
    base = Settings(strict=True)
    given = {"contract": "report", "unmatched": "echo", "keys": ["a"], "time_scale": 0}
    assert read_settings(given, base) == Settings(
        strict=True, contract=ContractMode.REPORT, unmatched=UnmatchedPolicy.ECHO, keys=("a",), time_scale=0.0
    )
    assert read_settings({}, base) is base


def test_limits_have_the_names_of_the_command_line() -> None:
    given = {"head_limit": 100, "head_timeout": 0, "body_timeout": 2.5}
    limits = Limits(head_limit=100, head_timeout_s=0, body_timeout_s=2.5)
    assert read_settings(given, Limits()) == limits
    assert settings_document(limits) == given
    assert limits.line_limit == 25


@pytest.mark.parametrize(("given", "value"), [({"keys": "a"}, ("a",)), ({"keys": ("a", "b")}, ("a", "b"))])
def test_one_key_needs_no_list(given: dict[str, object], value: tuple[str, ...]) -> None:
    assert read_settings(given, Settings()).keys == value


def test_a_whole_number_of_json_may_have_a_point() -> None:
    assert read_settings({"body_limit": 3.0}, Settings()).body_limit == 3


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"contract": "strict"}, "setting 'contract': expected one of enforce, report, off, got 'strict'"),
        ({"unmatched": True}, "setting 'unmatched': expected one of fail, allow, echo, forward, got True"),
        ({"strict": 1}, "setting 'strict': expected true or false, got 1"),
        ({"time_scale": -1}, "setting 'time_scale': expected a number from 0, got -1"),
        ({"time_scale": True}, "setting 'time_scale': expected a number from 0, got True"),
        ({"time_scale": float("nan")}, "setting 'time_scale': expected a number from 0, got nan"),
        ({"body_limit": 1.5}, "setting 'body_limit': expected a whole number from 0, got 1.5"),
        ({"body_limit": True}, "setting 'body_limit': expected a whole number from 0, got True"),
        ({"keys": [1]}, "setting 'keys': expected a list of strings, got [1]"),
        ({"key": "a"}, "unknown setting 'key': did you mean 'keys'?"),
        ({"zzz": 1},
            ("unknown setting 'zzz': known are contract, unknown, model_rules, strict, unmatched, keys, headers, "
            "cors, state, latency, clock, time_scale, body_limit, journal_limit, request_limit")),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_rejected(given: dict[str, object], error: str) -> None:
    with pytest.raises(UsageError) as rejected:
        read_settings(given, Settings())
    assert str(rejected.value) == error


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("strict", "On", True), ("strict", "no", False), ("strict", "maybe", None), ("port", "8080", 8080),
        ("port", "70000", None), ("log", "json", "json"), ("log", "xml", None), ("time_scale", "0.5", 0.5),
        ("time_scale", "inf", None), ("time_scale", "x", None), ("body_limit", "12", 12), ("body_limit", "²", None),
        ("admin_token", "", None), ("unmatched", "echo", UnmatchedPolicy.ECHO),
    ],
)  # fmt: skip
def test_the_text_of_an_option_is_parsed_by_its_kind(name: str, text: str, value: object) -> None:
    row = next(one for one in rows() if one.name == name)
    assert row.kind.parse(text) == value


@pytest.mark.parametrize(
    ("name", "value", "read"), [("port", 80, 80), ("log", 3, None), ("log", "text", "text"), ("dialect", "", None)]
)
def test_a_value_of_python_is_read_by_its_kind(name: str, value: object, read: object) -> None:
    row = next(one for one in rows() if one.name == name)
    assert row.kind.read(value) == read


def test_every_row_has_a_default_of_its_kind_and_one_name_in_its_scope() -> None:
    for scope in Scope:
        names = [one.name for one in rows(scope)]
        assert len(names) == len(set(names))
    for row in rows():
        if row.default not in (None, ()):
            assert row.kind.read(row.default) == row.default
        assert row.plugin_flag is None or row.plugin_flag.startswith("--mockserver-")


def test_the_schema_admits_every_default() -> None:
    schema = settings_schema()
    assert schema["additionalProperties"] is False
    assert isinstance(schema["properties"], dict)
    assert schema["properties"].keys() == settings_document(Settings()).keys()
