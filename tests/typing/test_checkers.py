"""The public API under the strict rules of mypy and pyright: uses pass, misuses do not.

pyright comes as basedpyright, which brings its own engine along and asks no network for it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MISUSES = (HERE / "misuses.txt").read_text("utf-8")
# A program's `Any` is its own: only wrong types are reported here.
_RULES = {"reportUnusedExpression": "none", "reportUnusedCallResult": "none"}


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def mypy(folder: Path) -> set[tuple[str, int]]:
    cache = Path(__file__).parents[2] / ".mypy_cache" / "typing"
    received = run(
        folder,
        *("mypy", "--strict", "--config-file=", f"--cache-dir={cache}"),
        *("--no-error-summary", "--follow-imports=silent", "."),
    )
    found = re.findall(r"^(\w+)\.py:(\d+): error:", received, re.MULTILINE)
    assert found or not received.strip(), received
    return {(file, int(line)) for file, line in found}


def pyright(folder: Path) -> set[tuple[str, int]]:
    config = {"typeCheckingMode": "strict", "pythonVersion": "3.11", **_RULES}
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    received = run(folder, "basedpyright", "--outputjson", "--pythonpath", sys.executable)
    found = json.loads(received)["generalDiagnostics"]
    return {(Path(one["file"]).stem, one["range"]["start"]["line"] + 1) for one in found if one["severity"] == "error"}


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_uses_pass_and_each_misuse_is_refused(checker: Callable[[Path], set[tuple[str, int]]], tmp_path: Path) -> None:
    (tmp_path / "uses.py").write_bytes((HERE / "uses.py").read_bytes())
    (tmp_path / "misuses.py").write_text(MISUSES, "utf-8")
    marked = {
        ("misuses", number) for number, line in enumerate(MISUSES.split("\n"), start=1) if line.endswith("# refused")
    }
    assert len(marked) > 15
    assert checker(tmp_path) == marked
