"""The options of TLS, and servers that speak it: from Python, from the command, from Node; and on Unix sockets."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import shutil
import socket
import ssl
import stat
import subprocess
import sys
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import httpx
import pytest

import mockserver
from mockserver.errors import HostError, UsageError
from tests.kit import Listening, MockServer, TlsFault, certificates, connect, read_faults, read_tls
from tests.server.end_to_end import KEY, NET_S, asking

ASK = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


@pytest.fixture
def needs_extra() -> None:
    pytest.importorskip("cryptography", reason="the extra tls is not installed")


pytestmark = pytest.mark.usefixtures("needs_extra")

WRONG: dict[str, tuple[dict[str, object], str]] = {
    "two certificates": (
        {"tls": "self-signed", "tls_cert": "a", "tls_key": "b"},
        "'tls: self-signed' makes a certificate: leave it out, or tls_cert and tls_key",
    ),
    "no key": ({"tls_cert": "a"}, "'tls_cert' is given without 'tls_key': expected both"),
    "no certificate": ({"tls_key": "a"}, "'tls_key' is given without 'tls_cert': expected both"),
    "a fault without TLS": ({"tls_faults": ("expired",)}, "'tls_fault' needs TLS: expected 'tls: self-signed' too"),
    "a file without TLS": ({"tls_ca": "x"}, "'tls_ca' needs TLS: expected 'tls: self-signed' too"),
    "no such file": (
        {"tls_cert": "/nowhere/a", "tls_key": "/nowhere/b"},
        "'tls_cert': cannot read /nowhere/a: No such file or directory",
    ),
    "no such folder": (
        {"tls": "self-signed", "tls_ca": "/nowhere/ca.pem"},
        "'tls_ca': cannot write /nowhere/ca.pem: No such file or directory",
    ),
    "no PEM": (
        {"tls_cert": __file__, "tls_key": __file__},
        f"'tls_cert' and 'tls_key': {__file__} and {__file__} are no certificate and its key without a password",
    ),
    "an unknown fault": (
        {"tls": "self-signed", "tls_faults": ("localhost=expird",)},
        "'tls_fault': unknown fault 'expird'; did you mean 'expired'?",
    ),
    "no fault at all": (
        {"tls": "self-signed", "tls_faults": ("zzz",)},
        "'tls_fault': unknown fault 'zzz'; expected one of refused, expired, wrong-name",
    ),
    "two faults": (
        {"tls": "self-signed", "tls_faults": ("A.localhost=expired", "a.localhost=refused")},
        "'tls_fault': server name 'a.localhost' has two faults",
    ),
    "two faults of all": (
        {"tls": "self-signed", "tls_faults": ("expired", "refused")},
        "'tls_fault': the listener has two faults",
    ),
    "a name that is elsewhere": (
        {"tls": "self-signed", "tls_faults": ("api.openai.com=expired",)},
        "'tls_fault': no certificate is made for 'api.openai.com': expected localhost, a name such as ",
    ),
}


@pytest.mark.parametrize(("given", "message"), WRONG.values(), ids=WRONG)
def test_options_that_cannot_be_used_are_errors(given: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_tls(Listening(**given))  # type: ignore[arg-type]  # as the settings are read
    assert str(raised.value).startswith(message)


def test_faults_are_by_server_name() -> None:
    assert read_faults(("Api.openai.com=refused", "expired"), signs=True) == {
        "api.openai.com": TlsFault.REFUSED,
        "": TlsFault.EXPIRED,
    }
    with pytest.raises(UsageError, match="'expired' needs a certificate made for it: expected 'tls: self-signed'"):
        read_faults(("expired",), signs=False)
    assert read_tls(Listening()) is None


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(UsageError) as raised:
        MockServer(tls="self-signed").start()
    assert "expected the extra 'tls' (pip install 'llm-mockserver[tls]')" in str(raised.value)


def test_the_key_lies_in_a_file_of_this_user_alone_and_only_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[int] = []
    paths: list[Path] = []
    real = certificates.server_context

    def seen(chain: Path, key: Path) -> ssl.SSLContext:
        modes.append(stat.S_IMODE(key.stat().st_mode))
        paths.append(key)
        return real(chain, key)

    monkeypatch.setattr(certificates, "server_context", seen)
    assert read_tls(Listening(tls="self-signed")) is not None
    assert modes == [0o600]
    assert not paths[0].exists()


def test_the_authority_signs_for_this_machine_alone_and_not_for_long() -> None:
    from cryptography import x509

    tls = read_tls(Listening(tls="self-signed"))
    assert tls is not None
    authority = x509.load_pem_x509_certificate(tls.ca.encode())
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints)
    allowed = [str(one.value) for one in limits.value.permitted_subtrees or ()]
    assert (limits.critical, allowed) == (True, ["localhost", "127.0.0.0/8", "::1/128"])
    assert (authority.not_valid_after_utc - authority.not_valid_before_utc).days <= 10
    assert tls.ca.count("-----BEGIN ") == 1


def test_many_made_up_server_names_cost_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr("mockserver.server.tls._MOST_CONTEXTS", 3)

    def context(*_: object, **__: object) -> ssl.SSLContext:
        made.append(1)
        return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    monkeypatch.setattr(certificates.Authority, "context", context)
    tls = read_tls(Listening(tls="self-signed"))
    assert tls is not None
    for number in range(7):
        tls.context_for(f"n{number}.localhost")
    tls.context_for("n6.localhost")
    tls.context_for("x" * 300 + ".localhost")
    tls.context_for("no name: \x00")
    assert len(made) == 9


def test_a_server_with_a_certificate_made_now(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    with MockServer(tls="self-signed", tls_ca=str(file)) as server:
        server.stub(reply="hi")
        assert server.url.startswith("https://127.0.0.1:")
        context = ssl.create_default_context(cadata=server.ca)
        with httpx.Client(verify=context) as client:
            reply = client.post(f"{server.base_url}/chat/completions", json=ASK, headers=KEY)
            served = client.get(f"{server.url}/__admin/ca").json()
        assert reply.json()["choices"][0]["message"]["content"] == "hi"
        assert served == {"ca": server.ca}
        assert file.read_text("ascii") == server.ca


def test_the_listener_has_a_fault_for_every_name() -> None:
    with MockServer(tls="self-signed", tls_faults=["refused"]) as server:
        context = ssl.create_default_context(cadata=server.ca)
        with pytest.raises(httpx.ConnectError, match="HANDSHAKE_FAILURE"), httpx.Client(verify=context) as client:
            client.get(server.url)
        assert "non-HTTP input: TLS handshake failed: refused on purpose" in server.journal.text


def test_a_server_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    paths = _own_certificate(tmp_path)
    with MockServer(tls_cert=str(paths[0]), tls_key=str(paths[1]), tls_faults=["no.localhost=refused"]) as server:
        server.stub(reply="hi")
        assert "PRIVATE KEY" in paths[0].read_text()
        assert "PRIVATE KEY" not in server.ca
        context = ssl.create_default_context(cadata=server.ca)
        with httpx.Client(verify=context) as client:
            assert client.post(f"{server.base_url}/chat/completions", json=ASK, headers=KEY).status_code == 200


def _own_certificate(folder: Path) -> tuple[Path, Path]:
    """A chain in a file that has the key as well, and the key."""
    found: list[Path] = []

    def keep(chain: bytes, key: bytes) -> ssl.SSLContext:
        for name, data in (("all.pem", chain + key), ("key.pem", key)):
            found.append(folder / name)
            found[-1].write_bytes(data)
        return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certificates, "context_of", keep)
        certificates.Authority().context(["localhost"])
    return found[0], found[1]


def test_a_plain_server_has_no_certificate_and_tells_of_a_handshake_in_one_line() -> None:
    with MockServer() as server:
        with pytest.raises(UsageError, match="the server speaks plain HTTP: expected one with 'tls: self-signed'"):
            assert server.ca
        parts = urlsplit(server.url)
        with socket.create_connection((parts.hostname, parts.port), NET_S) as raw, pytest.raises(ssl.SSLError):
            ssl.create_default_context().wrap_socket(raw, server_hostname="localhost")
        server.settle(NET_S)
        [line] = server.journal.text.splitlines()
        assert (
            "400   non-HTTP input: a TLS handshake on a port that speaks plain HTTP: use http://, or start the server "
            "with --tls self-signed   complete"
        ) in line


def test_every_cut_of_a_sweep_is_read_over_tls() -> None:
    cases = mockserver.cuts("plain", on="chat", limit=12, seed=3)
    with MockServer() as plain, MockServer(tls="self-signed") as server:
        context = ssl.create_default_context(cadata=server.ca)
        with httpx.Client(verify=context) as client:
            for case in cases:
                for one in (plain, server):
                    one.reset()
                    one.play(case)
                assert _body(client, plain) == _body(client, server), case


def _body(client: httpx.Client, server: MockServer) -> bytes:
    came = b""
    try:
        url = f"{server.base_url}/chat/completions"
        with client.stream("POST", url, json={**ASK, "stream": True}, headers=KEY) as response:
            for piece in response.iter_raw():
                came += piece
    except httpx.TransportError:
        pass
    return came


NODE = """
const https = require("node:https");
const [url, ca] = process.argv.slice(1);
const body = JSON.stringify({model: "m", stream: true, messages: [{role: "user", content: process.argv[3]}]});
const headers = {authorization: "Bearer any", "content-type": "application/json"};
const request = https.request(url, {method: "POST", ca, headers}, (response) => {
  let text = "";
  response.on("data", (piece) => { text += piece; });
  response.on("end", () => console.log("end", text.endsWith("data: [DONE]\\n\\n")));
  response.on("error", (error) => console.log(error.code));
});
request.on("error", (error) => console.log(error.code));
request.end(body);
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_node_reads_whole_and_broken_replies_over_https() -> None:
    with MockServer(tls="self-signed", tls_faults=["old.localhost=expired"]) as server:
        cut = {"faults": [{"cut": {"after": 2}}], "output": [{"text": "hello there"}]}
        ragged = {**cut, "faults": [{"cut": {"after": 2, "close_notify": False}}]}
        reset = {**cut, "faults": [{"reset": {"after": 2}}]}
        for word, reply in (("cut", cut), ("ragged", ragged), ("reset", reset), ("whole", "hi")):
            server.stub(when={"user": word}, reply=reply)

        def node(word: str, url: str) -> str:
            """The first that it tells; the same error of the request may follow that of the response."""
            arguments = ["node", "-e", NODE, f"{url}/chat/completions", server.ca, word]
            return subprocess.run(arguments, capture_output=True, text=True, timeout=NET_S, check=True).stdout.split(
                "\n"
            )[0]

        assert {word: node(word, server.base_url) for word in ("whole", "cut", "ragged", "reset")} == {
            "whole": "end true",
            "cut": "ECONNRESET",
            "ragged": "ECONNRESET",
            "reset": "ECONNRESET",
        }
        old = server.base_url.replace("127.0.0.1", "old.localhost")
        assert node("whole", old) in ("CERT_HAS_EXPIRED", "ENOTFOUND")


# --- Unix sockets ---


def _over_unix(path: Path, **more: str) -> int:
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(path))) as client:
        reply = client.post("http://localhost/v1/chat/completions", json=ASK, headers={**KEY, **more})
        assert client.get("http://localhost/__admin/health").status_code == 200
        return reply.status_code


def test_a_server_on_a_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "mock.sock"
    with MockServer(unix=str(path)) as server:
        server.stub(reply="hi")
        assert server.url == "http://localhost"
        assert _over_unix(path) == 200
        with pytest.raises(HostError, match=re.escape(f"cannot listen on the Unix socket {path}: ")):
            MockServer(unix=str(path)).start()
        assert _over_unix(path) == 200
    assert not path.exists()


def test_a_socket_that_was_left_behind_makes_room(tmp_path: Path) -> None:
    path = tmp_path / "mock.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with MockServer(unix=str(path)) as server:
        server.stub(reply="hi")
        assert _over_unix(path) == 200


def test_a_file_that_is_no_socket_stays(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("mine")
    with pytest.raises(HostError, match="cannot listen on the Unix socket"):
        MockServer(unix=str(path)).start()
    assert path.read_text() == "mine"


def test_a_unix_socket_may_speak_tls_on_the_loop_of_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "mock.sock"

    async def main() -> tuple[str, int]:
        async with MockServer(unix=str(path), tls="self-signed") as server:
            server.stub(reply="hi")
            context = ssl.create_default_context(cadata=server.ca)
            transport = httpx.AsyncHTTPTransport(uds=str(path), verify=context)
            async with httpx.AsyncClient(transport=transport) as client:
                reply = await client.post(f"{server.base_url}/chat/completions", json=ASK, headers=KEY)
            return server.url, reply.status_code

    assert asyncio.run(main()) == ("https://localhost", 200)


def test_a_remote_client_reads_the_certificate_through_the_control_api(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ca.pem"
    with MockServer(tls="self-signed", tls_ca=str(file)) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        assert connect(server.url).sandbox().ca == server.ca


def _ready(printed: IO[str]) -> str:
    """The line that says that a server is ready."""
    return next(line for line in printed if line.startswith("mockserver ready"))


def test_the_command_speaks_tls(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    command = [
        sys.executable,
        "-m",
        "mockserver",
        "serve",
        "--port",
        "0",
        "--tls",
        "self-signed",
        "--tls-ca",
        str(file),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            found = re.match(r"mockserver ready on https://127\.0\.0\.1:(\d+)\n", _ready(process.stdout))
            assert found is not None
            context = ssl.create_default_context(cafile=file)
            line = http.client.HTTPSConnection("localhost", int(found[1]), context=context, timeout=NET_S)
            line.request(
                "POST", "/v1/chat/completions", json.dumps(asking()), {**KEY, "content-type": "application/json"}
            )
            assert line.getresponse().status == 200
            line.close()
        finally:
            process.terminate()


def test_the_command_listens_on_a_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "mock.sock"
    command = [sys.executable, "-m", "mockserver", "serve", "--unix", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert _ready(process.stdout) == f"mockserver ready on http://localhost at {path}\n"
            assert _over_unix(path) == 200
        finally:
            process.terminate()
            process.wait(NET_S)
    assert not path.exists()
