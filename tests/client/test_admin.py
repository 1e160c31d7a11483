from __future__ import annotations

import asyncio
import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.errors import HostError, UsageError, VerificationError
from tests.client.conftest import chat
from tests.kit import Finder, HttpAdmin, MockServer, ScenarioSource, connect, connect_async
from tests.kit import files_shipped as shipped


class Stranger(http.server.BaseHTTPRequestHandler):
    """Answers health like a mockserver behind a prefix, and remembers what it was asked."""

    asked: list[tuple[str, str, str | None, str | None, bytes]]
    status = 200
    said = b'{"status": "ok"}'

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        self.asked.append(
            (
                self.command,
                self.path,
                self.headers.get("Authorization"),
                self.headers.get("Content-Type"),
                self.rfile.read(length),
            )
        )
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.said)

    do_POST = do_GET  # noqa: N815  # the name is the base class's

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        del format, args


@pytest.fixture
def stranger() -> Iterator[tuple[type[Stranger], str]]:
    kind = type("Kind", (Stranger,), {"asked": []})
    server = http.server.HTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield kind, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_requests_go_where_they_should(stranger: tuple[type[Stranger], str]) -> None:
    kind, url = stranger
    admin = HttpAdmin(f"{url}/mock/", admin_token="t")
    assert admin.load("a b", ScenarioSource(origin="ä.yaml", text="ü")) == ()
    assert admin.call("health") == {"status": "ok"}
    admin.call("journal", after=3, reveal=True)
    admin.call("release", "a", gate=7, requests=[1])
    admin.call("get_sandbox", name="b c")
    assert kind.asked == [
        (
            "POST",
            "/mock/sandbox/a%20b/__admin/scenarios?origin=%C3%A4.yaml",
            "Bearer t",
            "application/yaml; charset=utf-8",
            "ü".encode(),
        ),
        ("GET", "/mock/__admin/health", "Bearer t", None, b""),
        ("GET", "/mock/__admin/journal?after=3&reveal=true", "Bearer t", None, b""),
        (
            "POST",
            "/mock/sandbox/a/__admin/gates/7/release",
            "Bearer t",
            "application/json; charset=utf-8",
            b'{"requests":[1]}',
        ),
        ("GET", "/mock/__admin/sandboxes/b%20c", "Bearer t", None, b""),
    ]


@pytest.mark.parametrize(
    ("status", "said", "kind", "error"),
    [
        (200, b"<html>", HostError, "is not a mockserver: it answered b'<html>'"),
        (200, b"[]", HostError, "is not a mockserver: it answered b'[]'"),
        (401, b'{"error": "no token"}', HostError, "no token"),
        (403, b'{"error": "no page"}', HostError, "no page"),
        (503, b'{"error": "too many"}', HostError, "too many"),
        (400, b'{"error": "bad"}', UsageError, "bad"),
        (404, b"{}", UsageError, "the server answered 404"),
    ],
)
def test_error_classes_follow_who_must_act(
    stranger: tuple[type[Stranger], str], status: int, said: bytes, kind: type[Exception], error: str
) -> None:
    stranger[0].status, stranger[0].said = status, said
    with pytest.raises(kind) as failed:
        connect(stranger[1])
    assert str(failed.value).endswith(error)


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://x", "http://", ""])
def test_a_wrong_url_is_rejected(url: str) -> None:
    with pytest.raises(UsageError) as rejected:
        connect(url)
    assert str(rejected.value) == (f"server url {url!r}: expected one like 'http://127.0.0.1:8080'")


def test_a_missing_server_is_a_host_error(server: MockServer) -> None:
    with MockServer() as gone:
        url = gone.url
    with pytest.raises(HostError, match=f"no mockserver answers at {url}"):
        connect(url)


def test_an_https_url_is_requested_over_tls(server: MockServer) -> None:
    with pytest.raises(HostError, match="no mockserver answers at https://"):
        connect(server.url.replace("http:", "https:"))


def test_the_async_clients_do_the_same_with_await(server: MockServer) -> None:
    async def story() -> None:
        far = await connect_async(server.url)
        assert (await far.health())["status"] == "ok"
        assert far.url == server.url
        sandbox = await far.create(unmatched="fail")
        assert sandbox.name in await far.sandboxes()
        assert sandbox.base_url == f"{sandbox.url}/v1"
        assert sandbox.env["OPENAI_BASE_URL"] == sandbox.base_url
        await sandbox.load({"stubs": [{"when": {"user": "a"}, "reply": "x"}]})
        assert await sandbox.stub(when={"user": "b"}, reply="x", name="b") == "b"
        assert await sandbox.expect(when={"user": "c"}, reply="x", name="c") == "c"
        report = (await sandbox.verdict()).report
        assert "never called  tests/client/test_admin.py:" in report
        for text in ("a", "b", "c"):
            assert await asyncio.to_thread(chat, sandbox.sync, text) == 200
        assert len(await sandbox.wait_for(3, timeout=60)) == 3
        assert await sandbox.settle() == ()
        await sandbox.verify()
        assert len(await sandbox.requests()) == len(await sandbox.journal()) == 3
        assert (await sandbox.last()).user == "c"
        assert len(await sandbox.assert_called(stub="b", times=1)) == 1
        await sandbox.assert_order("b", "c")
        assert await asyncio.to_thread(chat, sandbox.sync, "d") == 404
        with pytest.raises(VerificationError):
            await sandbox.verify()
        sandbox.allow(unmatched=True)
        await sandbox.verify()
        await sandbox.reset()
        assert len(await sandbox.requests()) == 0
        same = far.sandbox(sandbox.name)
        await far.drop(same)
        assert sandbox.name not in await far.sandboxes()

    asyncio.run(story())


def test_the_far_client_needs_no_aiohttp() -> None:
    script = (
        "import sys\n"
        "from mockserver.client import connect\n"
        "try:\n    connect('http://127.0.0.1:9')\n"
        "except Exception: pass\n"
        "print(sorted({'aiohttp', 'yaml', 'jsonschema'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert ended.stdout == b"[]\n"


# --- files ---


def test_folders_are_looked_through_in_order(tmp_path: Path) -> None:
    for folder, name in (("a", "x.yml"), ("b", "x.yaml"), ("b", "y.yaml")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_text(f"{folder}/{name}")
    finder = Finder(folders=[tmp_path / "a", tmp_path / "b"], root=tmp_path)
    assert [(one.origin, one.text) for one in finder.find("x")] == [("a/x.yml", "a/x.yml")]
    assert [one.origin for one in finder.find("y")] == ["b/y.yaml"]
    assert [one.origin for one in finder.find(tmp_path / "b")] == ["b/x.yaml", "b/y.yaml"]
    assert [one.folder for one in finder.find("y")] == [str(tmp_path / "b")]


def test_a_shipped_scenario_is_found_behind_the_folders(tmp_path: Path) -> None:
    finder = Finder(folders=[tmp_path], root=tmp_path)
    assert [Path(one.folder) for one in finder.find("plain")] == [Path(shipped())]
    (tmp_path / "plain.yaml").write_text("")
    assert [one.origin for one in finder.find("plain")] == ["plain.yaml"]


def test_a_name_may_lead_from_folder_to_folder_but_not_out_of_them(tmp_path: Path) -> None:
    for file in ("x.yaml", "a/y.yaml", "a/b/z.yaml"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text("")
    finder = Finder(folders=[tmp_path / "a" / "b", tmp_path / "a"], root=tmp_path)
    assert [one.text for one in finder.find("../y")] == [""]
    for name in ("../../x", "../../a/../x", "../../../x.yaml"):
        with pytest.raises(UsageError, match="leaves the folders: "):
            finder.find(name)
    with pytest.raises(UsageError, match="leaves the folders: "):
        finder.find(Path("..", "..", "x.yaml"))
    assert [one.origin for one in finder.find(tmp_path / "x")] == ["x.yaml"]


def test_without_folders_the_working_directory_is_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.yaml").write_text("")
    monkeypatch.chdir(tmp_path)
    assert [one.origin for one in Finder().find("x")] == ["x.yaml"]


def test_a_file_elsewhere_is_shown_with_its_whole_path(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("")
    finder = Finder(root=tmp_path / "root")
    assert [one.origin for one in finder.find(tmp_path / "x")] == [str(tmp_path / "x.yaml")]


def test_a_file_that_is_no_utf8_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"\xff")
    with pytest.raises(UsageError, match=r"cannot read .*'utf-8' codec"):
        Finder(folders=[tmp_path]).find("x")
