"""An item that the package does not know: it is registered and used everywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
GUIDE = HERE.parents[1] / "docs" / "adding-an-output-item.md"


def test_an_item_from_outside_is_written_streamed_validated_and_labelled() -> None:
    file = str(HERE / "outside.py")
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file)
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
    assert "5 passed" in ended.stdout


def test_the_guide_shows_that_item() -> None:
    _, _, rest = GUIDE.read_text("utf-8").partition("```python\n")
    example, _, _ = rest.partition("```")
    code = (HERE / "forecast.py").read_text("utf-8")
    assert code.partition("from __future__ import annotations\n\n")[2] == example
