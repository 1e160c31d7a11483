"""`mockserver import` and `scrub`, as they are run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.recording import planted
from tests.recording.replay import asked, completion


def cassette(user: str = "hi jo@ex.org", path: str = "chat/completions") -> str:
    request = {"method": "POST", "uri": f"https://api.openai.com/v1/{path}", "body": asked(user).decode()}
    reply = {"status": {"code": 200}, "headers": {}, "body": {"string": json.dumps(completion())}}
    return json.dumps({"interactions": [{"request": request, "response": reply}]})


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "talk.json").write_text(cassette())
    (tmp_path / "other.json").write_text(cassette("bye", "embeddings"))
    return tmp_path


def test_a_scenario_is_printed_and_passes_check(files: Path, run: Run) -> None:
    result = run("import", files / "talk.json", files / "other.json")
    assert result.status == 0
    assert result.out.startswith(
        "# Imported from talk.json, other.json by mockserver import.\n"
        "# Redacted: 1 secret; headers of requests are not kept.\n"
        "scenario: talk\nstubs:\n"
    )
    assert "jo@ex.org" not in result.out
    assert result.err == (
        "skipped other.json: exchange 1: POST https://api.openai.com/v1/embeddings is none of the endpoints\n"
    )
    (files / "talk.yaml").write_text(result.out)
    assert run("check", files / "talk.yaml").status == 0


def test_a_scenario_is_written_for_its_owner_alone(files: Path, run: Run) -> None:
    target = files / "new.yaml"
    result = run("import", files / "talk.json", "-o", target)
    assert (result.status, result.out, result.err) == (0, "", f"wrote {target}: 1 stub\n")
    assert target.read_text().splitlines()[2] == "scenario: new"
    assert target.stat().st_mode & 0o777 == 0o600
    target.chmod(0o644)
    assert run("import", files / "talk.json", "-o", target).status == 0
    assert target.stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in files.iterdir()) == ["new.yaml", "other.json", "talk.json"]


def test_without_redaction_a_warning_is_printed(files: Path, run: Run) -> None:
    result = run("import", files / "talk.json", "--no-redact", "--no-pace")
    assert "jo@ex.org" in result.out
    assert "# Nothing was redacted.\n" in result.out
    assert result.err == "warning: nothing was redacted; the scenario may contain secrets\n"


def test_patterns_and_a_hook_are_followed(files: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (files / "my_secrets.py").write_text("def find(text):\n    return ['Hello'] if 'Hello' in text else []\n")
    monkeypatch.chdir(files)
    before = [*sys.path]
    result = run("import", "talk.json", "--redact", "h(?P<v>i)", "--redact-hook", "my_secrets:find", "-o", "-")
    assert "# Redacted: 3 secrets" in result.out
    assert "Hello" not in result.out
    assert sys.path == before


def test_a_known_secret_that_is_left_refuses_the_file(files: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.recording.redaction.Redactor.leaks", lambda *_: ("sk-1…",))
    result = run("import", files / "talk.json")
    assert (result.status, result.out) == (1, "")
    assert result.err.endswith("nothing was written: 1 secrets are left, such as 'sk-1…'\n")


ERRORS = {
    "no file": (("import", "none.har"), 2, "mockserver: cannot read none.har: No such file or directory\n"),
    "no recording": (("import", "no.txt"), 1, "mockserver: no.txt:1:6: not YAML: mapping values are not allowed"),
    "nothing for us": (("import", "other.json"), 1, "no exchange with an endpoint of the API\n"),
    "no folder": (("import", "talk.json", "-o", "none/x.yaml"), 2, "mockserver: cannot write none/x.yaml: No such"),
    "a folder": (("import", "talk.json", "-o", "folder"), 2, "mockserver: cannot write folder: "),
    "no dialect": (("import", "talk.json", "--dialect", "none"), 2, "unknown dialect 'none'"),
    "no pattern": (("import", "talk.json", "--redact", "("), 2, "mockserver: '(' is no regular expression"),
    "no module": (("scrub", "talk.json", "--redact-hook", "none_such:f"), 2, "expected MODULE:FUNCTION"),
    "no function": (("scrub", "talk.json", "--redact-hook", "json:f"), 2, "expected MODULE:FUNCTION"),
    "no name": (("scrub", "talk.json", "--redact-hook", ""), 2, "expected MODULE:FUNCTION"),
    "two files": (("scrub", "talk.json", "other.json", "-o", "x"), 2, "--output is for one file"),
}


@pytest.mark.parametrize(("arguments", "status", "message"), ERRORS.values(), ids=ERRORS)
def test_bad_input_gives_an_error(
    arguments: tuple[str, ...], status: int, message: str, files: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (files / "no.txt").write_text("no: a: recording")
    (files / "folder").mkdir()
    monkeypatch.chdir(files)
    result = run(*arguments)
    assert (result.status, result.out) == (status, "")
    assert message in result.err


def test_scrub_changes_files_in_place(files: Path, run: Run) -> None:
    path = files / "session.har"
    path.write_bytes(planted.FILES["har"])
    path.chmod(0o640)
    assert run("scrub", "--check", path).status == 1
    assert path.read_bytes() == planted.FILES["har"]
    result = run("scrub", path, files / "other.json")
    assert result.status == 0
    assert result.err.endswith(f" secrets replaced\n{files / 'other.json'}: no secrets\n")
    assert [one for one in planted.SECRETS if one in path.read_text()] == []
    assert path.stat().st_mode & 0o777 == 0o640
    assert run("scrub", "--check", path) == type(result)(status=0, out="", err=f"{path}: no secrets\n")


def test_scrub_writes_elsewhere_on_demand(files: Path, run: Run) -> None:
    before = (files / "talk.json").read_text()
    assert run("scrub", files / "talk.json", "-o", files / "clean.json").status == 0
    assert "jo@ex.org" not in (files / "clean.json").read_text()
    assert (files / "talk.json").read_text() == before
    assert run("scrub", files / "talk.json", "-o", "-").out == (files / "clean.json").read_text()


def test_standard_input_is_read(files: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with (files / "talk.json").open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert run("scrub", "-").out == cassette("hi REDACTED-1@example.com")
    with (files / "talk.json").open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert "scenario: recording\n" in run("import", "-").out
