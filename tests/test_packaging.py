"""What is released is what was meant, and works where there are no sources.

Both artefacts are built once; the wheel is installed into a clean environment, and the command is
used from an empty folder, as a stranger would.
"""

from __future__ import annotations

import configparser
import email
import email.message
import json
import os
import re
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import mockserver

ROOT = Path(__file__).parents[1]
STEM = f"llm_mockserver-{mockserver.__version__}"
INFO = f"{STEM}.dist-info"

# Two environments and a package index are involved: a safety net, no measure.
pytestmark = pytest.mark.timeout(600)


def surroundings() -> dict[str, str]:
    """This process's environment without what would lead a child back to the sources."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("COVERAGE_", "COV_", "MOCKSERVER_", "PYTEST_", "PYTHON"))
    }


def run(*command: str | Path, cwd: Path) -> str:
    ended = subprocess.run(command, cwd=cwd, env=surroundings(), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    return ended.stdout


def files_below(folder: str) -> set[str]:
    """The files of a source folder, relative to it, without what was installed or left there."""
    paths = (path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*"))
    return {
        path.as_posix()
        for path in paths
        if (ROOT / folder / path).is_file()
        and not any(part in ("__pycache__", "node_modules") or part.startswith(".") for part in path.parent.parts)
    }


# --- what is in the artefacts ------------------------------------------------------------------


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "--directory", folder, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    return dist / f"{STEM}-py3-none-any.whl"


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> email.message.Message:
    with zipfile.ZipFile(wheel) as archive:
        return email.message_from_bytes(archive.read(f"{INFO}/METADATA"))


def test_one_wheel_and_one_sdist_are_built(dist: Path) -> None:
    assert {path.name for path in dist.iterdir()} == {f"{STEM}-py3-none-any.whl", f"{STEM}.tar.gz"}


def test_the_wheel_holds_the_package_and_the_scenarios_and_no_more(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    described = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
    assert names == {
        *(f"mockserver/{name}" for name in files_below("mockserver")),
        *(f"mockserver/shipped/{name}" for name in files_below("scenarios")),
        *(f"{INFO}/{name}" for name in described),
    }


def test_the_wheel_tells_type_checkers_that_it_is_typed(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("mockserver/py.typed") == b""


def test_the_wheel_ships_scenarios(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        shipped = [name for name in archive.namelist() if name.startswith("mockserver/shipped/")]
    assert [name for name in shipped if name.endswith(".yaml")]


def test_the_sdist_holds_what_is_needed_to_build_and_to_test(dist: Path) -> None:
    with tarfile.open(dist / f"{STEM}.tar.gz") as archive:
        names = {member.name.removeprefix(f"{STEM}/") for member in archive if member.isfile()}
    sources = ("contract_diff", "docs", "mockserver", "scenarios", "tests")
    folders = {f"{folder}/{name}" for folder in sources for name in files_below(folder)}
    assert names == folders | {
        ".gitignore",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "Makefile",
        "PKG-INFO",
        "README.md",
        "constraints.txt",
        "mkdocs.yml",
        "pyproject.toml",
    }


def test_the_entry_points_are_the_command_and_the_plugin(wheel: Path) -> None:
    points = configparser.ConfigParser()
    with zipfile.ZipFile(wheel) as archive:
        points.read_string(archive.read(f"{INFO}/entry_points.txt").decode())
    assert {name: dict(points[name]) for name in points.sections()} == {
        "console_scripts": {"mockserver": "mockserver.cli:main"},
        "pytest11": {"mockserver": "mockserver.pytest_plugin"},
    }


def test_the_server_needs_three_packages_and_not_pytest(metadata: email.message.Message) -> None:
    needed = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert {re.split(r"[^\w.-]", line)[0].lower() for line in needed} == {"aiohttp", "jsonschema", "pyyaml"}


def test_the_classifiers_begin_with_the_oldest_python(metadata: email.message.Message) -> None:
    versions = [
        int(found[1])
        for line in metadata.get_all("Classifier", [])
        if (found := re.fullmatch(r"Programming Language :: Python :: 3\.(\d+)", line))
    ]
    assert metadata["Requires-Python"] == f">=3.{versions[0]}"
    assert versions == list(range(versions[0], versions[-1] + 1))


def test_the_image_uses_a_python_that_the_classifiers_name(metadata: email.message.Message) -> None:
    named = {line.rpartition(" ")[2] for line in metadata.get_all("Classifier", [])}
    image = re.findall(r"ARG PYTHON=(\S+)", (ROOT / "Dockerfile").read_text())
    assert len(image) == 1
    assert set(image) <= named


# --- what it does where it is installed --------------------------------------------------------


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment that holds the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    pip = (sys.executable, "-m", "pip", "--python", folder / "venv/bin/python")
    run(*pip, "install", "--quiet", "-c", ROOT / "constraints.txt", wheel, cwd=folder)
    return folder / "venv/bin"


@pytest.fixture(scope="module")
def shipped(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    script = "import mockserver; print(mockserver.__path__[0])"
    empty = tmp_path_factory.mktemp("empty")
    package = Path(run(installed / "python", "-c", script, cwd=empty).strip())
    assert installed.parent in package.parents
    return package / "shipped"


@pytest.mark.parametrize("command", [("mockserver",), ("python", "-m", "mockserver")])
def test_the_command_tells_its_verbs(installed: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    said = run(installed / command[0], *command[1:], "--help", cwd=tmp_path)
    assert re.search(r"^usage: mockserver\b", said)
    assert {verb for verb in ("serve", "check", "explain", "errors") if verb in said} == {
        "serve",
        "check",
        "explain",
        "errors",
    }


def test_the_shipped_scenarios_are_proven_where_they_are_installed(
    installed: Path, shipped: Path, tmp_path: Path
) -> None:
    run(installed / "mockserver", "check", shipped, cwd=tmp_path)


def test_a_scenario_that_breaks_a_rule_fails_the_check(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("stubs:\n  - name: one\n    repyl: hello\n")
    ended = subprocess.run(
        [installed / "mockserver", "check", "wrong.yaml"],
        cwd=tmp_path,
        env=surroundings(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    said = ended.stdout + ended.stderr
    assert "wrong.yaml:3:5" in said
    assert "'repyl'" in said
    assert "Traceback" not in said


@pytest.fixture(scope="module")
def url(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `mockserver serve` without any path, started in an empty folder."""
    with subprocess.Popen(
        [installed / "mockserver", "serve", "--port", "0"],
        cwd=tmp_path_factory.mktemp("elsewhere"),
        env=surroundings(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        assert server.stdout is not None
        said = ""
        for line in server.stdout:
            said += line
            if line.startswith("mockserver ready on "):
                break
        found = re.search(r"^mockserver ready on (http://127\.0\.0\.1:\d+)$", said, re.MULTILINE)
        try:
            assert found, said
            yield found[1]
        finally:
            server.terminate()
            server.stdout.read()
        assert server.wait(60) == 0


def ask(url: str, body: object = None) -> tuple[int, str, bytes]:
    request = urllib.request.Request(
        url,
        None if body is None else json.dumps(body).encode(),
        {"authorization": "Bearer any", "content-type": "application/json"},
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        return answer.status, answer.headers.get_content_type(), answer.read()


def test_the_installed_server_is_healthy(url: str) -> None:
    status, content_type, body = ask(f"{url}/__admin/health")
    assert (status, content_type) == (200, "application/json")
    assert isinstance(json.loads(body), dict)


MESSAGES = [{"role": "user", "content": "Is anybody there?"}]


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("chat/completions", {"messages": MESSAGES}, "chat.completion"),
        ("responses", {"input": "Is anybody there?"}, "response"),
        ("responses/compact", {"input": MESSAGES}, "response.compaction"),
        ("responses/compact", {"messages": MESSAGES}, "chat.completion"),
    ],
)
def test_the_installed_server_answers_each_endpoint_whole(
    url: str, path: str, body: dict[str, object], kind: str
) -> None:
    status, content_type, answer = ask(f"{url}/v1/{path}", {"model": "gpt-5.4"} | body)
    assert (status, content_type) == (200, "application/json")
    assert json.loads(answer)["object"] == kind


@pytest.mark.parametrize(
    ("path", "body", "last"),
    [
        ("chat/completions", {"messages": MESSAGES}, b"data: [DONE]\n\n"),
        ("responses", {"input": "Is anybody there?"}, b"event: response.completed\n"),
        ("responses/compact", {"messages": MESSAGES}, b"data: [DONE]\n\n"),
    ],
)
def test_the_installed_server_streams_to_the_end(url: str, path: str, body: dict[str, object], last: bytes) -> None:
    status, content_type, answer = ask(f"{url}/v1/{path}", {"model": "gpt-5.4", "stream": True} | body)
    assert (status, content_type) == (200, "text/event-stream")
    event = answer[answer.rstrip(b"\n").rfind(b"\n\n") + 2 :]
    assert event.startswith(last)
