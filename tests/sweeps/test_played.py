"""Cases played by a server: what is read back is what the case says."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import mockserver
from mockserver import Case
from tests.kit import AsyncSandboxClient, JSONObject, MockServer, SandboxClient, connect
from tests.kit import judge_judge as judge

HELLO: JSONObject = {"messages": [{"role": "user", "content": "hello"}]}
HELLO_THERE: JSONObject = {"input": "hello"}
PATHS = {"chat": "chat/completions", "responses": "responses"}


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(headers={"authorization": "Bearer any"}) as running:
        yield running


@pytest.fixture
def sandbox(server: MockServer) -> Iterator[SandboxClient]:
    made = server.server.create()
    yield made
    server.server.drop(made)


def asked(
    client: httpx.Client, sandbox: SandboxClient, on: str, model: str = "gpt-5.4", *, stream: bool = True
) -> bytes:
    """The body of the reply, as far as it comes."""
    body = {"model": model, "stream": stream, **(HELLO if on == "chat" else HELLO_THERE)}
    came = b""
    try:
        with client.stream("POST", f"{sandbox.base_url}/{PATHS[on]}", json=body) as response:
            for piece in response.iter_raw():
                came += piece
    except httpx.TransportError:
        pass
    return came


def rules(body: bytes) -> set[str]:
    """What the judge of captures finds in the events."""
    return {one.rule for one in judge(body).findings}


@pytest.mark.parametrize(("stream", "least"), [(True, 10), (False, 3)])
@pytest.mark.parametrize("on", ["chat", "responses"])
def test_each_violation_is_found_in_what_leaves(
    client: httpx.Client, sandbox: SandboxClient, on: str, stream: bool, least: int
) -> None:
    cases = mockserver.violations("plain", on=on, stream=stream)
    assert len(cases) > least
    sandbox.play(Case(id="none", faults=(), written=cases[0].written))
    assert rules(asked(client, sandbox, on, stream=stream)) == set()
    for case in cases:
        sandbox.reset()
        sandbox.play(case)
        assert case.rule in rules(asked(client, sandbox, on, stream=stream)), case


@pytest.mark.parametrize("on", ["chat", "responses"])
def test_no_reslicing_changes_a_byte_but_those_between_cr_and_lf(
    client: httpx.Client, sandbox: SandboxClient, on: str
) -> None:
    cases = mockserver.reslicings("plain", on=on, limit=30, seed=5)
    sandbox.play(Case(id="none", faults=(), written=cases[0].written))
    plain = asked(client, sandbox, on)
    for case in cases:
        sandbox.reset()
        sandbox.play(case)
        came = asked(client, sandbox, on)
        assert came.replace(b"\r\n", b"\n") == plain
        assert (b"\r\n" in came) == ("cr-lf" in case.id)


@pytest.mark.parametrize("kind", ["cut", "end"])
def test_a_compressed_stream_is_cut_inside_and_between_its_events(
    client: httpx.Client, sandbox: SandboxClient, kind: str
) -> None:
    reply = {"output": [{"text": "one two three"}], "headers": {"content-encoding": "gzip"}}
    cases = mockserver.cuts({"stubs": [{"name": "a", "reply": reply}]}, on="chat", kinds=[kind])
    ids = [case.id for case in cases]
    assert {f"text.delta[1]/packed/{kind}", f"after-text.delta[1]/{kind}"} <= {*ids}
    for case in cases:
        sandbox.reset()
        sandbox.play(case)
        came = zlib.decompressobj(31).decompress(asked(client, sandbox, "chat"))
        assert came.count(b"\n\n") == len(case.events), case


def test_a_compressed_body_is_cut(client: httpx.Client, sandbox: SandboxClient) -> None:
    reply = {"output": [{"text": "one two three"}], "headers": {"content-encoding": "gzip"}}
    cases = mockserver.cuts({"stubs": [{"name": "a", "reply": reply}]}, on="chat", kinds=["cut"], stream=False)
    assert "body/half/cut" in [case.id for case in cases]
    assert not any("/string" in case.id for case in cases)


def test_a_cut_is_at_its_place_for_any_request(client: httpx.Client, sandbox: SandboxClient) -> None:
    text = {"output": [{"text": 'né "x"'}]}
    cases = mockserver.cuts({"stubs": [{"name": "a", "reply": text}]}, on="chat", kinds=["cut"])
    inside = {case.id: case for case in cases if case.id.startswith("text.delta")}
    for model in ("m", "a-model-with-a-very-long-name-2026-01-01"):
        for place, end in (("[0]/character", b"n\xc3"), ("[1]/escape", b'"content":" \\')):
            sandbox.reset()
            sandbox.play(inside[f"text.delta{place}/cut"])
            assert asked(client, sandbox, "chat", model).endswith(end)


def test_a_case_that_heals_is_whole_the_second_time(client: httpx.Client, sandbox: SandboxClient) -> None:
    [case] = mockserver.cuts("plain", on="chat", kinds=["reset"], heals=True, limit=1, seed=1)
    sandbox.play(case)
    first, second = (asked(client, sandbox, "chat") for _ in range(2))
    assert not first.endswith(b"data: [DONE]\n\n")
    assert second.endswith(b"data: [DONE]\n\n")


def test_the_next_case_takes_the_place_of_the_one_before(client: httpx.Client, sandbox: SandboxClient) -> None:
    one, other = mockserver.cuts("plain", on="chat", kinds=["end"], limit=2, seed=1)
    for case in (one, other):
        sandbox.play(case)
    assert asked(client, sandbox, "chat").count(b"\n\n") == len(other.events)
    assert len([*sandbox.calls()]) == 1


def test_a_case_has_the_dialect_of_a_file_next_to_its_scenario(
    client: httpx.Client, sandbox: SandboxClient, tmp_path: Path
) -> None:
    (tmp_path / "own.yaml").write_text("dialect: own\nextends: openai\nheaders: {x-gateway: mine}\n", "utf-8")
    (tmp_path / "sun.yaml").write_text("dialect: ./own.yaml\nstubs: [{name: a, reply: It shines.}]\n", "utf-8")
    cases = mockserver.cuts(tmp_path / "sun.yaml", on="chat", stream=False, kinds=["end"])
    sandbox.play(cases[0])
    body = {"model": "gpt-5.4", **HELLO}
    reply = client.post(f"{sandbox.base_url}/chat/completions", json=body)
    assert reply.headers["x-gateway"] == "mine"
    [(file, line, name, calls)] = sandbox.calls()
    assert (Path(file).name, line, name, calls) == ("sun.yaml", 2, "a", 1)


def test_a_server_elsewhere_plays_cases_too(server: MockServer, client: httpx.Client) -> None:
    far = connect(server.url).create()
    [case] = mockserver.cuts("plain", on="chat", kinds=["end"], limit=1)
    far.play(case)
    assert asked(client, far, "chat").count(b"\n\n") == len(case.events)


def test_a_case_is_played_with_await_too(sandbox: SandboxClient, client: httpx.Client) -> None:
    [case] = mockserver.cuts("plain", on="chat", kinds=["end"], limit=1)
    asyncio.run(AsyncSandboxClient(sandbox).play(case))
    assert asked(client, sandbox, "chat").count(b"\n\n") == len(case.events)
