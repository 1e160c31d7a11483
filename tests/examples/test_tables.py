"""Tables and words of the pages name what there is: all of it, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import mockserver
from tests.examples.pages import PAGES, ROOT, quoted, table, text_of
from tests.examples.test_blocks import targets
from tests.kit import FAULTS, VERBS, Scope, ServerSettingsGiven, openapi, serve_settings, shipped_dialects
from tests.kit import parser_parse as parse
from tests.kit import settings_rows as rows

LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#([\w-]+))?\)")


def test_the_readme_lists_the_commands_as_the_help_does(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"])
    commands = re.findall(r"^    (\w+) ", capsys.readouterr().out, re.MULTILINE)
    shown = [quoted(row[0])[0].split() for row in table("README.md", "command")]
    assert [words[:2] for words in shown] == [["mockserver", name] for name in commands]


@pytest.mark.parametrize("page", ["README.md", "docs/faults.md"])
def test_a_table_of_faults_names_every_fault(page: str) -> None:
    named = [name.partition(":")[0] for row in table(page, "fault") for name in quoted(row[0])]
    assert sorted(named) == sorted(FAULTS)


def test_the_shipped_dialects_are_documented() -> None:
    found = [quoted(row[0])[0] for row in table("docs/dialects.md", "dialect")]
    assert sorted(found) == sorted(shipped_dialects())


def test_the_options_of_the_plugin_are_documented(pytestconfig: pytest.Config) -> None:
    found = [quoted(row[0])[0].split()[0] for row in table("docs/pytest.md", "option")]
    group = pytestconfig._parser.getgroup("mockserver", "a scripted OpenAI-style upstream")
    assert sorted(found) == sorted(name for one in group.options for name in one.names())


def test_the_limits_are_documented_and_have_keywords() -> None:
    found = {quoted(row[0])[0] for row in table("docs/server.md", "limit")}
    there = {one.flag for one in serve_settings() if one.flag.endswith(("-limit", "-timeout"))}
    assert found == there
    keywords = {*ServerSettingsGiven.__optional_keys__}
    assert {flag.removeprefix("--").replace("-", "_") for flag in there} - keywords == {"sandbox_limit"}


def _routes() -> dict[tuple[str, str], str]:
    """What the page says about the body or query of each route."""
    found = {}
    for row in table("docs/server.md", "route below `/__admin`"):
        for route in quoted(row[0]):
            method, _, path = route.partition(" ")
            found[method, path] = row[1]
    return found


def test_the_admin_routes_are_documented() -> None:
    paths = openapi()["paths"]
    assert isinstance(paths, dict)
    there = {
        (method.upper(), path.removeprefix("/__admin/"))
        for path, operations in paths.items()
        if path.startswith("/__admin/") and isinstance(operations, dict)
        for method in operations
    }
    assert {*_routes()} == there


def test_the_members_of_the_admin_routes_are_documented() -> None:
    told = _routes()
    told["POST", "journal/count"] += told["POST", "journal/find"]
    missing = [
        (verb.path, one.name)
        for verb in VERBS
        for one in verb.parameters
        if one.where != "path" and one.name not in told[verb.method, verb.path]
    ]
    assert missing == []


def test_variables_that_pages_name_are_there() -> None:
    known = {option.variable for option in (*serve_settings(), *rows(Scope.FIXTURE))}
    known |= {"MOCKSERVER_SCENARIOS", "MOCKSERVER_ECHO_LIMIT"}  # the second is the example of a guide
    for page in PAGES:
        assert set(re.findall(r"\bMOCKSERVER_[A-Z_]*[A-Z]\b", text_of(page))) <= known, page


def test_options_of_the_command_that_pages_name_are_there() -> None:
    known = {option.flag for option in serve_settings()} | {"--on", "--stream", "--json", "--shape", "--diagram"}
    known |= {"--dialect", "--help", "--markdown", "--version", "--no-pace", "--no-redact"}
    known |= {"--redact", "--redact-hook", "--check", "--follow", "--sandbox"}
    known |= {"--upstream", "--upstream-key-env", "--requests", "--model", "--budget", "--timeout", "--junit"}
    foreign = {
        "--all",
        "--installed",
        "--echo-limit",
        "--build",
        "--tag",
        "--exit-code-from",
        "--data-binary",
        "--fail-with-body",
        "--test",
        "--randomly-seed",
        "--group",
        "--cacert",
    }
    for page in PAGES:
        named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text_of(page)))
        unknown = {one for one in named - known - foreign if not one.startswith("--mockserver-")}
        assert unknown == set(), page


def test_public_names_that_pages_use_are_there() -> None:
    for page in PAGES:
        for name in re.findall(r"(?<![\w./@-])mockserver\.([a-z]\w*)\(", text_of(page)):
            found = hasattr(mockserver, name) or hasattr(mockserver.MockServer, name)
            assert found, f"{page}: mockserver.{name}"


@pytest.mark.parametrize("page", PAGES)
def test_a_link_leads_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    for target, anchor in LINK.findall(text_of(page)):
        path = folder / target
        assert path.exists(), target
        if anchor:
            assert anchor in anchors(path), f"{target}#{anchor}"


def anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head).strip().lower().replace(" ", "-") for head in heads}


def test_make_targets_on_pages_exist() -> None:
    text = text_of("CONTRIBUTING.md")
    named = set(re.findall(r"(?:^    |`)make ([a-z-]+)", text, re.MULTILINE))
    assert named >= {"test", "test-fast", "format", "serve"}
    assert named <= targets()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_files_that_a_page_names_are_there(page: str) -> None:
    for name in quoted(text_of(page)):
        if re.fullmatch(r"(tests|mockserver|docs|scenarios)/[\w./-]+|[\w-]+\.(md|toml|txt)", name):
            assert (ROOT / name).exists(), name
