"""What every test folder shares: golden files, refreshed only when asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

GOLDEN = Path(__file__).parent / "golden"

Golden = Callable[[str, "str | bytes"], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh-golden",
        action="store_true",
        help="write what is produced to tests/golden instead of comparing with it",
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare text or bytes with a file below tests/golden; texts end in a newline there."""

    def compare(name: str, produced: str | bytes) -> None:
        path = GOLDEN / name
        data = produced if isinstance(produced, bytes) else f"{produced}\n".encode()
        if request.config.getoption("--refresh-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        assert path.exists(), f"{path} is missing: look at the output, then use --refresh-golden"
        kept = path.read_bytes()
        if isinstance(produced, bytes):
            assert data == kept
        else:
            assert data.decode() == kept.decode()

    return compare
