"""The compose file's suite and the image's health check, run against a server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import yaml

from mockserver import MockServer
from tests.examples.pages import ROOT


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def test_the_suite_of_the_compose_file_gets_its_answer() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    suite, upstream = services["suite"], services["upstream"]
    assert suite["command"][:2] == ["python", "-c"]
    assert suite["environment"]["OPENAI_BASE_URL"] == "http://upstream:8080/v1"
    assert suite["depends_on"] == {"upstream": {"condition": "service_healthy"}}
    assert upstream["ports"] == ["127.0.0.1:8080:8080"]
    with MockServer(str(ROOT / "scenarios")) as server:
        done = python(suite["command"][2], OPENAI_BASE_URL=server.base_url, OPENAI_API_KEY="any")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["object"] == "chat.completion"


def test_the_health_check_of_the_image_distinguishes_up_from_down() -> None:
    image = (ROOT / "Dockerfile").read_text("utf-8")
    found = re.search(r"^HEALTHCHECK .*?CMD (\[.*?\])$", image, re.MULTILINE | re.DOTALL)
    assert found is not None
    interpreter, flag, code = json.loads(found[1].replace("\\\n", ""))
    assert (interpreter, flag) == ("python", "-c")
    with MockServer() as server:
        port = server.url.rpartition(":")[2]
        assert python(code, MOCKSERVER_PORT=port).returncode == 0
    assert python(code, MOCKSERVER_PORT=port).returncode != 0
