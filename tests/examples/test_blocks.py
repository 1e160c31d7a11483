"""Every block of code on the written pages does what the page says."""

from __future__ import annotations

import gc
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import mockserver
from mockserver import MockServer
from tests.examples import curl
from tests.examples.conftest import RunPage
from tests.examples.pages import BLOCKS, PAGES, ROOT, Block, beside, of
from tests.kit import main, serve_settings

EXPLAINED = "docs/faults.md"
# Run with a reader of messages beside it, once right and once wrong, by tests/sweeps.
ELSEWHERE = {"test_reader.py"}
DEFAULT_URL = "http://127.0.0.1:8080"


def each(blocks: tuple[Block, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", blocks, ids=str)


def test_every_kind_of_block_is_tested() -> None:
    assert {block.language for block in BLOCKS} <= {
        "yaml",
        "python",
        "console",
        "text",
        "js",
        "sh",
        "go",
        "mermaid",
        "",
    }
    # A picture is the only block without a language.
    assert [block.page for block in of("")] == ["README.md"]


# --- diagrams ---


@each(of("mermaid"))
def test_a_diagram_names_files_that_exist(block: Block) -> None:
    kind, *_ = block.text.split()
    assert kind in {"flowchart", "sequenceDiagram"}
    named = re.findall(r"\b[a-z_]+/[a-z_]+\.py", block.text)
    assert [name for name in named if not (ROOT / "mockserver" / name).exists()] == []
    packages = re.findall(r"\b[a-z_]+\b", block.text) if kind == "flowchart" else ()
    folders = {path.parent.name for path in (ROOT / "mockserver").glob("*/__init__.py")}
    assert kind != "flowchart" or folders <= set(packages)


# --- yaml ---


def _is_fragment(block: Block) -> bool:
    """A list of faults, for a reply that the page names."""
    return block.text.startswith("- ")


def _is_recording(block: Block) -> bool:
    """A cassette, which `mockserver import` reads."""
    return block.text.startswith("interactions:")


@each(tuple(block for block in of("yaml") if not _is_fragment(block) and not _is_recording(block)))
def test_a_scenario_or_dialect_keeps_its_contract(
    block: Block, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    beside(block.page, tmp_path)
    path = tmp_path / (block.name or "unnamed.yaml")
    only_comments = all(line.startswith("#") for line in block.text.splitlines())
    path.write_text(block.text + ("stubs: [{reply: hi}]" if only_comments else ""), "utf-8")
    if "stubs:" not in block.text and not only_comments:
        # A dialect alone is proven with the scenarios that name it.
        path = tmp_path
    assert main(["check", str(path)]) == 0, capsys.readouterr().err


@each(tuple(block for block in of("yaml") if _is_fragment(block)))
def test_a_fault_is_one_of_the_reply_that_the_page_names(
    block: Block, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert block.page == EXPLAINED
    status, found = explained(block.text, tmp_path, capsys)
    assert status == 0, found


# --- what explain prints ---


def explained(faults: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The timeline of the page's reply with some faults, streamed on chat, without its title."""
    [reply] = [block for block in BLOCKS if block.name == "greets.yaml"]
    lines = ["      faults:", *(f"        {line}" for line in faults.splitlines())]
    (folder / "greets.yaml").write_text(reply.text + ("\n".join(lines) + "\n" if faults else ""), "utf-8")
    status = main(["explain", str(folder / "greets.yaml"), "--on", "chat", "--stream"])
    out, err = capsys.readouterr()
    return status, err or out.partition("\n")[2].strip("\n") + "\n"


def pictures() -> Iterator[tuple[Block, str]]:
    """Each picture with the faults shown above it."""
    faults = ""
    for block in BLOCKS:
        if block.page != EXPLAINED:
            continue
        if block.language == "yaml" and _is_fragment(block):
            faults = block.text
        elif block.language == "text":
            yield block, faults


@pytest.mark.parametrize(("block", "faults"), [*pictures()], ids=str)
def test_a_picture_is_what_explain_prints(
    block: Block, faults: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explained(faults, tmp_path, capsys) == (0, block.text)


def test_every_other_text_is_tried_by_name() -> None:
    found = [str(block.page) for block in of("text") if block.page != EXPLAINED]
    # See test_failure.py.
    assert found == ["README.md", "docs/index.md"]


# --- python ---


# A page shows clients that nobody closes; Python speaks of their sockets at any later moment.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@each(tuple(one for one in of("python") if "def test_" in one.text and one.name not in ELSEWHERE))
def test_a_test_on_a_page_passes(block: Block, pytester: pytest.Pytester, run_page: RunPage) -> None:
    if "tls=" in block.text:
        pytest.importorskip("cryptography", reason="the extra tls is not installed")
    beside(block.page, pytester.path)
    tests = len(re.findall(r"^(?:async )?def test_", block.text, re.MULTILINE))
    pytester.makepyfile(**{Path(block.name or "test_shown.py").stem: block.text})
    result = run_page()
    gc.collect()
    result.assert_outcomes(passed=tests)


GUIDES = sorted({one.page for one in of("python") if one.page.startswith("docs/adding-")})


@pytest.mark.parametrize("page", GUIDES)
def test_the_code_of_a_guide_runs(page: str, tmp_path: Path) -> None:
    code = "\n\n".join(one.text for one in of("python") if one.page == page)
    code = code.replace("from __future__ import annotations\n", "")
    guide = tmp_path / "guide.py"
    guide.write_text(f"from __future__ import annotations\n{code}", "utf-8")
    run = subprocess.run([sys.executable, guide], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


@each(tuple(one for one in of("python") if "def test_" not in one.text and one.page not in GUIDES))
def test_a_line_of_python_gives_cases(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside("README.md", tmp_path)
    monkeypatch.chdir(tmp_path)
    if block.text.startswith("@"):
        space: dict[str, object] = {"pytest": pytest, "mockserver": mockserver}
        exec(compile(f"{block.text}\ndef test(case): ...", str(block), "exec"), space)
        [mark] = space["test"].pytestmark  # type: ignore[attr-defined]
        assert len(mark.args[1]) > 1
    else:
        cases = eval(block.text, {"mockserver": mockserver})
        assert 1 < len(cases) <= 50


# --- console ---


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """Each command with what is printed below it."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        count = next(n for n, line in enumerate(lines, 1) if not line.endswith("\\"))
        command = " ".join(line.rstrip("\\").strip() for line in lines[:count])
        yield command, "".join(f"{line}\n" for line in lines[count:])


SHOWN = [
    pytest.param(block.page, command, printed, id=f"{block}: {command[:60]}")
    for block in of("console")
    for command, printed in commands(block)
]


@pytest.mark.parametrize(("page", "command", "printed"), SHOWN)
def test_a_command_works_as_shown(
    page: str,
    command: str,
    printed: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    beside(page, tmp_path, others=True)
    monkeypatch.chdir(tmp_path)
    for part in command.split(" && "):
        TRIES[part.split()[0]](part, printed, capsys)


def _mockserver(command: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = shlex.split(command)[1:]
    if arguments[0] in ("serve", "verify"):
        return  # see tests/cli
    if arguments[0] == "judge":
        _capture(Path(arguments[1]))
    assert main(arguments) == 0
    if printed:
        assert capsys.readouterr().out == printed


def _capture(path: Path) -> None:
    with MockServer() as server:
        server.stub(reply="hi")
        found = curl.Curl(
            url=f"{server.base_url}/responses",
            data=b'{"model": "m", "input": "x", "stream": true}',
            headers={"authorization": "Bearer any", "content-type": "application/json"},
        )
        path.write_bytes(curl.send(found)[1])


def _make(command: str, printed: str, _capsys: pytest.CaptureFixture[str]) -> None:
    assert command.split()[1] in targets()
    if printed:
        # The default port is shown; tests/cli covers what follows it.
        port = next(option.default for option in serve_settings() if option.flag == "--port")
        assert (printed, port) == (f"mockserver ready on {DEFAULT_URL}\n", 8080)


def targets() -> set[str]:
    return set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def _curl(command: str, _printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown, _, saved = command.partition(" > ")
    with MockServer(str(ROOT / "scenarios")) as server:
        shown = shown.replace(DEFAULT_URL, server.url).replace("$GATEWAY", server.url)
        Path("request.json").write_text('{"model": "m", "input": "x"}', "utf-8")
        found = curl.read(shown, Path())
        status, body = curl.send(found)
        assert status in (200, 201)
        if saved:
            Path(saved).write_bytes(body)
            assert main(["judge", saved]) == 0
    del capsys


def _pip(command: str, _printed: str, _capsys: pytest.CaptureFixture[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wheel = f"dist/llm_mockserver-{mockserver.__version__}-py3-none-any.whl"
    assert command.removeprefix("pip install ") in {".", wheel, f"git+{project['urls']['Source']}"}


def _docker(command: str, _printed: str, _capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(command)
    if words[1] == "build":
        assert words[-1] == "."
        return
    image = (ROOT / "Dockerfile").read_text("utf-8")
    given = dict(pairwise(words))
    assert given["-p"] == "8080:8080"
    assert "EXPOSE 8080" in image
    folder = given["-v"].split(":")[1]
    assert f"MOCKSERVER_SCENARIOS={folder}" in image


def _pytest(command: str, _printed: str, _capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(command)[1:]
    if words[0].startswith("--"):
        assert words == ["--mockserver-url", DEFAULT_URL]
        return
    case = words[0].partition("[")[2].removesuffix("]")
    assert case in [str(one) for one in mockserver.cuts("plain", on="chat")]


TRIES: dict[str, Callable[[str, str, pytest.CaptureFixture[str]], None]] = {
    "mockserver": _mockserver,
    "make": _make,
    "curl": _curl,
    "pip": _pip,
    "docker": _docker,
    "pytest": _pytest,
}


def test_the_curl_lines_of_one_page_follow_each_other(tmp_path: Path) -> None:
    beside("docs/tutorial.md", tmp_path)
    with MockServer() as server:
        found = []
        for page, command, _ in (one.values for one in SHOWN):
            if page == "docs/server.md" and "checkout" in str(command):
                shown = str(command).replace(DEFAULT_URL, server.url)
                found.append(curl.send(curl.read(shown, tmp_path)))
        created, loaded, journal, verdict, reset = (json.loads(body) for _, body in found)
    assert (created["name"], created["scenarios"]) == ("checkout", [])
    assert loaded == {"scenario": "capital", "stubs": ["knows the capital"]}
    assert (journal["entries"], verdict["ok"], reset) == ([], True, {"reset": "checkout"})


def test_every_page_is_read() -> None:
    assert {"README.md", "docs/tutorial.md", EXPLAINED} <= set(PAGES)


def test_a_recording_on_a_page_becomes_the_scenario_below_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    beside("docs/recordings.md", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["import", "talk.yaml"]) == 0
    assert capsys.readouterr().out == (tmp_path / "recorded.yaml").read_text("utf-8")
