"""An item that the package does not know: `outside.py` registers it and uses it everywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_an_item_from_outside_is_written_streamed_validated_and_labelled() -> None:
    file = Path(__file__).with_name("outside.py")
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file))
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
    assert "5 passed" in ended.stdout
