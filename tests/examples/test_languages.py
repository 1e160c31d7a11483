"""The suites of other languages pass against `serve` with default options, and fail where their client is wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.examples.pages import Block, of, text_of

PAGE = "docs/languages.md"
RUNNERS = {"sh": ("sh", "sh"), "js": ("node", "node --test"), "go": ("go", "go test")}
SUITES = {block.language: block for block in of(*RUNNERS) if block.page == PAGE}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server of its own process, started as the page says, on a free port."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0"]
    ready = "mockserver ready on "
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(ready):
                yield line.removeprefix(ready).split()[0]
                break
        process.terminate()
        process.communicate()


def run(block: Block, text: str, url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    tool, command = RUNNERS[block.language]
    if shutil.which(tool) is None or shutil.which("curl") is None:
        pytest.skip(f"{tool} or curl is not installed")
    assert block.name is not None
    (folder / block.name).write_text(text, "utf-8")
    environment = {**os.environ, "MOCKSERVER_URL": url, "GOFLAGS": "-mod=mod", "GO111MODULE": "off"}
    words = [*command.split(), block.name]
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=100
    )


def test_each_language_has_one_suite() -> None:
    assert [*SUITES] == [*RUNNERS]
    assert all(f"`{command}" in text_of(PAGE) for _, command in RUNNERS.values() if command != "sh")


@pytest.mark.parametrize("language", RUNNERS)
def test_a_suite_passes(language: str, url: str, tmp_path: Path) -> None:
    block = SUITES[language]
    done = run(block, block.text, url, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("language", RUNNERS)
def test_a_suite_fails_with_the_report_where_the_client_asks_something_else(
    language: str, url: str, tmp_path: Path
) -> None:
    block = SUITES[language]
    wrong = block.text.replace("How is the weather in Paris?", "How is the tide in Paris?")
    assert wrong != block.text
    done = run(block, wrong, url, tmp_path)
    assert done.returncode != 0
    assert "1 unmatched request" in done.stdout + done.stderr
