"""What is installed, and whether another distribution is in the way."""

from __future__ import annotations

import platform
import re
import sys
import tomllib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from mockserver import __version__
from tests.cli.conftest import ROOT, Run
from tests.kit import CONTRACT_DATE, EXTRAS


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make a distribution be there whose packages are the given ones."""

    def install(name: str, *packages: str, named: bool = True) -> None:
        folder = tmp_path / f"{name.replace('-', '_')}-9.2.0.dist-info"
        folder.mkdir()
        head = f"Name: {name}\nVersion: 9.2.0\n" if named else ""
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\n{head}", "utf-8")
        (folder / "top_level.txt").write_text("\n".join(packages), "utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))

    return install


def test_versions_and_extras_are_printed(run: Run) -> None:
    result = run("doctor")
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[:3] == [
        f"mockserver {__version__}, contract of {CONTRACT_DATE}",
        f"package    {ROOT / 'mockserver'}",
        f"Python     {platform.python_version()} at {sys.executable}",
    ]
    assert [line.split()[0] for line in lines[3:]] == ["codings", "fast", "tls", "pytest", "clash"]
    assert lines[6] == f"pytest     pytest {version('pytest')}"
    assert lines[7] == "clash      none"


def test_a_missing_extra_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXTRAS, "fast", ("no-such-loop",))
    result = run("doctor")
    assert "fast       no-such-loop is missing\n" in result.out
    assert result.status == 0


def test_the_extras_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {
        extra: {re.split(r"[>=;\s]", one)[0] for one in needs if sys.version_info < (3, 14) or "3.14" not in one}
        for extra, needs in project["optional-dependencies"].items()
    }
    assert {extra: {*names} for extra, names in EXTRAS.items()} == declared


@pytest.mark.parametrize("name", ["mockserver-client", "another_one"])
def test_another_distribution_with_the_package_is_a_clash(name: str, install: Callable[..., None], run: Run) -> None:
    install(name, "mockserver", "more")
    result = run("doctor")
    assert (result.status, result.err) == (1, "")
    line = result.out.splitlines()[-1]
    assert line.startswith(f"clash      {name} 9.2.0 also installs a package `mockserver`: uninstall both")
    assert "none" not in line


@pytest.mark.parametrize(
    ("name", "package", "named"),
    [
        ("mockserver-client", "another", True),
        ("mockserver-friend", "mockserver_friend", True),
        ("LLM_Mockserver", "mockserver", True),
        ("broken", "mockserver", False),
    ],
)
def test_others_are_no_clash(name: str, package: str, named: bool, install: Callable[..., None], run: Run) -> None:
    install(name, package, named=named)
    result = run("doctor")
    assert (result.status, result.out.splitlines()[7:]) == (0, ["clash      none"])
