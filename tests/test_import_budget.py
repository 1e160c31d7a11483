"""Every pytest run beside this package pays for its import, so that stays next to nothing; every
start of a server pays for what it loads before it answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path

import pytest

HEAVY = {"aiohttp", "asyncio", "jsonschema", "ssl", "yaml"}

ASKED = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
KEY = {"authorization": "Bearer any", "content-type": "application/json"}

# What is loaded before our name is read: the interpreter's own start, and pytest where it asks.
PROBE = """
import importlib, json, sys
importlib.import_module({before!r})
before = set(sys.modules)
importlib.import_module({name!r})
print(json.dumps(sorted(set(sys.modules) - before)))
"""

WITHOUT_THE_FIXTURE = """
import json, sys

def test_nothing():
    with open("loaded.json", "w") as file:
        json.dump(sorted(sys.modules), file)
"""


def surroundings() -> dict[str, str]:
    """This process's environment without what makes coverage or a plugin load early."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("COVERAGE_", "COV_", "PYTEST_", "PYTHON"))
    }


def run(arguments: list[str], folder: Path, **more: str) -> str:
    ended = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=surroundings() | more, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def loaded_by(name: str, folder: Path, *, before: str = "sys") -> set[str]:
    return set(json.loads(run(["-c", PROBE.format(before=before, name=name)], folder)))


def tops(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def test_the_package_loads_nothing_but_its_errors(tmp_path: Path) -> None:
    loaded = loaded_by("mockserver", tmp_path)
    assert {name for name in loaded if name.startswith("mockserver")} == {"mockserver", "mockserver.errors"}
    assert tops(loaded) & HEAVY == set()
    assert tops(loaded) - sys.stdlib_module_names == {"mockserver"}


def test_the_plugin_loads_nothing_heavy(tmp_path: Path) -> None:
    loaded = loaded_by("mockserver.pytest_plugin", tmp_path, before="pytest")
    assert tops(loaded) & HEAVY == set()
    assert tops(loaded) - sys.stdlib_module_names == {"mockserver"}


def test_a_run_that_never_asks_for_the_fixture_loads_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(WITHOUT_THE_FIXTURE)
    run(
        ["-m", "pytest", "-p", "mockserver.pytest_plugin", "-q", "test_it.py"],
        tmp_path,
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
    )
    loaded = set(json.loads((tmp_path / "loaded.json").read_text()))
    assert "mockserver.pytest_plugin" in loaded
    assert tops(loaded) & HEAVY == set()


def test_the_probe_would_see_a_heavy_import(tmp_path: Path) -> None:
    assert tops(loaded_by("aiohttp", tmp_path)) >= {"aiohttp", "asyncio"}


def test_a_heavy_public_name_is_there_on_first_use(tmp_path: Path) -> None:
    script = "import mockserver; print(mockserver.MockServer.__module__.partition('.')[0])"
    assert run(["-c", script], tmp_path) == "mockserver\n"


def test_every_public_name_can_be_had(tmp_path: Path) -> None:
    script = "import mockserver; [getattr(mockserver, name) for name in mockserver.__all__]"
    assert run(["-c", script], tmp_path) == ""


def test_an_unknown_name_is_refused_as_by_any_module() -> None:
    import mockserver

    with pytest.raises(AttributeError, match="module 'mockserver' has no attribute 'Mockserver'"):
        mockserver.Mockserver  # type: ignore[attr-defined]  # noqa: B018
    assert set(mockserver.__all__) <= set(dir(mockserver))


# What a server does not load before its first answer, with all that lies below.
LATER = {
    "jsonschema",
    "mockserver.client",
    "mockserver.contract.openai",
    "mockserver.contract.reply_contract",
    "mockserver.contract.rules",
    "mockserver.contract.judge",
    "mockserver.model.verdict",
    "mockserver.faults",
    "mockserver.pipeline.template",
    "mockserver.report",
    "mockserver.admin.http",
    "mockserver.admin.openapi",
    "mockserver.admin.service",
    "mockserver.admin.verbs",
    "mockserver.admin.uploads",
    "mockserver.server.reply_functions",
    "mockserver.server.public_reader",
    "mockserver.sweeps",
    "referencing",
}


def below(modules: set[str], tops: set[str]) -> set[str]:
    return {one for one in modules for top in tops if f"{one}.".startswith(f"{top}.")}


def test_a_server_answers_first_and_loads_the_rest_later(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("stubs: [{reply: hi}]\n")
    arguments = ("-m", "mockserver", "serve", "one.yaml", "--port", "0", "--log", "none")
    with (tmp_path / "imports").open("w") as told:
        server = subprocess.Popen(
            (sys.executable, "-X", "importtime", *arguments),
            cwd=tmp_path,
            env=surroundings(),
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
        )
        assert server.stdout is not None
        connection = HTTPConnection(server.stdout.readline().rpartition("/")[2].strip())
        connection.request("POST", "/v1/chat/completions", json.dumps(ASKED), KEY)
        status = connection.getresponse().status
        connection.close()
        server.terminate()
        server.communicate()
    lines = (tmp_path / "imports").read_text().splitlines()
    loaded = {line.rpartition("|")[2].strip() for line in lines}
    assert (status, server.returncode) == (200, 0)
    assert "mockserver.contract.request_contract" in loaded
    assert below(loaded, LATER) == set()


def test_what_is_loaded_later_is_there() -> None:
    assert {name for name in LATER if find_spec(name) is None} == set()
