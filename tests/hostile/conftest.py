"""Servers in processes of their own; whatever is thrown at them, none may complain on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hostile.watched import Line, Watched, lives_on

# Too short for nobody: what these tests send in one piece arrives in one piece.
SHORT = ("--head-timeout", "0.5", "--body-timeout", "0.5")

if sys.platform != "linux":
    pytest.skip("what a process holds is read from Linux's /proc", allow_module_level=True)


@pytest.fixture(scope="module")
def impatient() -> Iterator[Watched]:
    """A server that waits half a second for a head or a body."""
    server = Watched(*SHORT, "--body-limit", "1000000")
    yield server
    server.close()


@pytest.fixture
def line(impatient: Watched) -> Iterator[Line]:
    """A connection to that server, which must be well and silent afterwards."""
    with Line(impatient.port) as line:
        yield line
    with Line(impatient.port) as another:
        assert lives_on(another)
    assert impatient.complaints == ""


@pytest.fixture
def serve() -> Iterator[Callable[..., Watched]]:
    """Start a server with arguments."""
    started: list[Watched] = []

    def start(*arguments: object) -> Watched:
        started.append(Watched(*arguments))
        return started[-1]

    yield start
    assert [one.close() for one in started] == [""] * len(started)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Write a scenario and give its path."""

    def write(text: str) -> Path:
        path = tmp_path / "hostile.yaml"
        path.write_text(text, "utf-8")
        return path

    return write
