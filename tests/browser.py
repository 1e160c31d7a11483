"""Scripts of playwright-core in Debian's Chromium, where `make browser-deps` has been run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

_MODULES = Path(__file__).parents[1] / "build" / "browser" / "node_modules"
_BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_MISSING = "node, playwright-core or Chromium is missing: run make browser-deps"
# A net against hanging, far above what anything here takes.
_LIMIT_S = 120.0

_AROUND = """
const {{ chromium }} = require("playwright-core");
const [executablePath, ...given] = process.argv.slice(1);
(async () => {{
  const browser = await chromium.launch({{ executablePath, args: ["--no-sandbox"] }});
  const context = await browser.newContext();
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {{ if (message.type() === "error") errors.push(message.text()); }});
  const found = await (async () => {{ {script} }})();
  console.log(JSON.stringify(found));
  await browser.close();
}})().catch((error) => {{ console.error(error); process.exit(1); }});
"""


def _chromium() -> str | None:
    """The path of Chromium, None where something is missing."""
    if shutil.which("node") is None or not (_MODULES / "playwright-core").is_dir():
        return None
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def run_in_browser(script: str, *given: str) -> Any:
    """What a script returns that has `page`, `context`, `errors` of the page and the texts `given`.

    Skips the test without a browser; in CI that is a failure."""
    executable = _chromium()
    if executable is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(_MISSING)
    arguments = ["node", "-e", _AROUND.format(script=script), executable, *given]
    environment = {**os.environ, "NODE_PATH": str(_MODULES)}
    ran = subprocess.run(arguments, capture_output=True, text=True, timeout=_LIMIT_S, check=False, env=environment)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
