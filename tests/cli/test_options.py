"""Every option of `serve` may come from the environment, and is read the same way."""

from __future__ import annotations

import re

import pytest

from mockserver.errors import UsageError
from tests.cli.conftest import ROOT, Run
from tests.kit import misspelt, parser_parse, serve_settings, value_of

GIVEN: dict[str, tuple[str, object, object]] = {
    # option: text, what it means, what it is without
    "--host": ("::1", "::1", "127.0.0.1"),
    "--port": ("0", 0, 8080),
    "--contract": ("off", "off", "enforce"),
    "--unknown": ("report", "report", "default"),
    "--model-rules": ("off", "off", "default"),
    "--strict": ("yes", True, False),
    "--api-key": ("one,two", ("one", "two"), ()),
    "--headers": ("edge", "edge", "api"),
    "--unmatched": ("echo", "echo", "fail"),
    "--cors": ("https://a.b,null", ("https://a.b", "null"), ("*",)),
    "--state": ("off", "off", "on"),
    "--latency": ("typical", "typical", "none"),
    "--clock": ("real", "real", "virtual"),
    "--time-scale": ("0.5", 0.5, 1.0),
    "--dialect": ("apifox", "apifox", "openai"),
    "--reload": ("TRUE", True, False),
    "--log": ("json", "json", "text"),
    "--tls": ("self-signed", "self-signed", None),
    "--tls-cert": ("a.pem", "a.pem", None),
    "--tls-key": ("a.pem", "a.pem", None),
    "--tls-ca": ("a.pem", "a.pem", None),
    "--tls-fault": ("a.localhost=expired,refused", ("a.localhost=expired", "refused"), ()),
    "--unix": ("a.sock", "a.sock", None),
    "--admin-token": ("secret", "secret", None),
    "--sandbox-limit": ("7", 7, 10_000),
    "--upstream": ("http://h", "http://h", None),
    "--upstream-key-env": ("KEY", "KEY", None),
    "--upstream-silence": ("0.5", 0.5, 600.0),
    "--record": ("folder", "folder", None),
    "--record-mode": ("all", "all", "missing"),
    "--record-failures": ("1", True, False),
    "--redact": ("a,b", ("a", "b"), ()),
    "--no-redact": ("1", True, False),
    "--allow-remote": ("1", True, False),
    "--journal-limit": ("7", 7, 10_000),
    "--request-limit": ("7", 7, 100_000),
    "--body-limit": ("7", 7, 64 * 2**20),
    "--head-limit": ("7", 7, 256 * 2**10),
    "--head-timeout": ("0.5", 0.5, 60.0),
    "--body-timeout": ("0.5", 0.5, 60.0),
}
OPTIONS = {option.flag: option for option in serve_settings()}


def test_every_option_is_tested() -> None:
    assert set(GIVEN) == set(OPTIONS)


@pytest.mark.parametrize("flag", GIVEN)
def test_an_option_comes_from_the_command_line_the_environment_or_its_default(
    flag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, meaning, default = GIVEN[flag]
    option = OPTIONS[flag]
    assert option.variable == "MOCKSERVER_" + flag.removeprefix("--").replace("-", "_").upper()
    assert value_of(option, None) == default
    monkeypatch.setenv(option.variable, text)
    assert value_of(option, None) == meaning
    assert value_of(option, "given") == "given"


@pytest.mark.parametrize("flag", GIVEN)
def test_an_empty_variable_counts_as_unset(flag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files and shells set variables to nothing when they mean none."""
    option = OPTIONS[flag]
    monkeypatch.setenv(option.variable, "")
    assert value_of(option, None) == GIVEN[flag][2]


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("PORT", "x", "expected a port from 0 to 65535, got 'x'"),
        ("PORT", "65536", "expected a port from 0 to 65535, got '65536'"),
        ("CONTRACT", "maybe", "expected one of enforce, report, off, got 'maybe'"),
        ("STRICT", "maybe", "expected true or false, got 'maybe'"),
        ("TIME_SCALE", "-1", "expected a number from 0, got '-1'"),
        ("TIME_SCALE", "nan", "expected a number from 0, got 'nan'"),
        ("REQUEST_LIMIT", "1.5", "expected a whole number from 0, got '1.5'"),
    ],
)
def test_a_variable_with_a_wrong_value_is_named(
    variable: str, text: str, message: str, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.setenv(f"MOCKSERVER_{variable}", text)
    result = run("serve")
    assert (result.status, result.out) == (2, "")
    assert result.err == f"mockserver: MOCKSERVER_{variable}: {message}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "x"], "argument -p/--port: expected a port from 0 to 65535, got 'x'"),
        (["--time-scale", "inf"], "argument --time-scale: expected a number from 0, got 'inf'"),
        (["--api-key", ""], "argument --api-key: expected some text, got ''"),
        (["--admin-token", ""], "argument --admin-token: expected some text, got ''"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
def test_an_argument_with_a_wrong_value_is_named(arguments: list[str], message: str, run: Run) -> None:
    result = run("serve", *arguments)
    assert (result.status, result.out) == (2, "")
    assert result.err.endswith(f"error: {message}\n")


def test_help_names_every_option_and_its_variable(run: Run) -> None:
    result = run("serve", "--help")
    text = " ".join(result.out.split())
    for option in serve_settings():
        assert f"{option.flag} " in text
        assert f"[{option.variable}]" in text
    assert "[MOCKSERVER_SCENARIOS]" in text


def test_help_has_groups_and_examples_that_can_be_read(run: Run) -> None:
    text = run("serve", "--help").out
    titles = re.findall(r"^(\S.*):$", text, re.MULTILINE)
    assert titles == [
        "positional arguments",
        "options",
        "server, forwarding and recording",
        "TLS and Unix sockets",
        "settings of each sandbox",
        "limits of a connection",
        "examples",
    ]
    group = text.partition("limits of a connection:")[2].partition("examples:")[0]
    assert re.findall(r"^  (--\S+)", group, re.MULTILINE) == ["--head-limit", "--head-timeout", "--body-timeout"]
    examples = re.findall(r"^  (?:\w+=\w+ )?mockserver (serve(?: \S+)*)", text.partition("examples:")[2], re.MULTILINE)
    assert len(examples) == 6
    for example in examples:
        assert parser_parse(example.split())[0].command == "serve", example
    assert max(map(len, text.partition("examples:")[2].splitlines())) <= 80


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("MOCKSERVER_PROT", "MOCKSERVER_PORT"),
        ("MOCKSERVER_LGO", "MOCKSERVER_LOG"),
        ("MOCKSERVER_APIKEYS", "MOCKSERVER_API_KEY"),
        ("MOCKSERVER__STRICT", "MOCKSERVER_STRICT"),
        ("MOCKSERVER_TIME-SCALE", "MOCKSERVER_TIME_SCALE"),
        ("MOCKSERVER_SCENARIO", "MOCKSERVER_SCENARIOS"),
        ("mockserver_port", "MOCKSERVER_PORT"),
        ("MOCKSERVER_PORT", None),
        ("MOCKSERVER_URL", None),  # of the pytest plugin
        ("MOCKSERVER_SCENARIOS", None),
        ("MOCKSERVER_IMAGE", None),
        ("MOCKSERVER_HOSTNAME", None),
        ("MOCKSERVER_SERVICE_PORT", None),
        ("MOCKSERVER_PORT_8080_TCP", None),
        ("MOCKSERVER_LOG_LEVEL", None),
        ("MOCKSERVER_", None),
        ("MOCKSERVER_" + "PORT" * 10_000, None),
        ("MOCKSERVER", None),
        ("PROT", None),
    ],
)
def test_a_misspelt_variable_is_found(name: str, near: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    assert list(misspelt()) == ([] if near is None else [(name, near)])
    monkeypatch.setenv(name, "")
    assert list(misspelt()) == []


def test_serve_reports_misspelt_variables_and_keeps_their_values_to_itself(
    monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    for name in ("PROT", "ADMIN_TOKN", "MINE"):
        monkeypatch.setenv(f"MOCKSERVER_{name}", "hidden")
    result = run("serve", "nowhere.yaml")
    assert result.out == ""
    assert result.err.splitlines()[:2] == [
        "mockserver: unknown environment variable MOCKSERVER_ADMIN_TOKN; did you mean MOCKSERVER_ADMIN_TOKEN?",
        "mockserver: unknown environment variable MOCKSERVER_PROT; did you mean MOCKSERVER_PORT?",
    ]
    assert "hidden" not in result.err
    assert "MINE" not in result.err


def test_a_switch_may_be_turned_off_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("0", "false", "No", "off"):
        monkeypatch.setenv("MOCKSERVER_STRICT", text)
        assert value_of(OPTIONS["--strict"], None) is False


def test_a_variable_with_a_wrong_choice_names_the_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_LOG", "yaml")
    with pytest.raises(UsageError, match=r"MOCKSERVER_LOG: expected one of text, json"):
        value_of(OPTIONS["--log"], None)


def test_the_container_sets_only_variables_that_there_are() -> None:
    known = {option.variable for option in serve_settings()} | {"MOCKSERVER_SCENARIOS"}
    text = (ROOT / "Dockerfile").read_text("utf-8")
    words = text.replace("=", " ").replace('"', " ").replace("\\", " ").split()
    named = {word.rstrip(",") for word in words if word.startswith("MOCKSERVER_")}
    assert named >= {"MOCKSERVER_HOST", "MOCKSERVER_PORT", "MOCKSERVER_SCENARIOS"}
    assert named <= known
