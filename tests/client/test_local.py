from __future__ import annotations

import asyncio
import socket
import threading
from pathlib import Path

import pytest

from mockserver import MockServer
from mockserver.errors import HostError, ScenarioError, UsageError, VerificationError
from tests.client.conftest import chat, post

WEATHER = Path(__file__).parent / "weather.yaml"


def threads() -> set[str]:
    return {one.name for one in threading.enumerate() if one.name.startswith("mockserver")}


def test_a_server_runs_in_a_thread_while_inside() -> None:
    with MockServer(WEATHER) as server:
        assert server.base_url == f"{server.url}/v1"
        assert repr(server) == f"<MockServer 'default' at {server.url}>"
        assert chat(server, "the weather?") == 200
        assert server.last.stub == "asks for the weather"
        assert len(threads()) >= 1
    with pytest.raises(UsageError, match="the server has no address: it is not running"):
        _ = server.url


def test_after_the_with_block_nothing_listens_and_no_thread_is_left() -> None:
    before = threads()
    with MockServer() as server:
        port = int(server.url.rpartition(":")[2])
    assert threads() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_leaving_does_not_wait_for_a_reply_that_stalls() -> None:
    left: list[type[BaseException]] = []

    def ask(server: MockServer) -> None:
        try:
            chat(server, "stall")
        except OSError as error:
            left.append(type(error))

    with MockServer() as server:
        server.stub(reply={"output": [{"text": "x"}], "faults": [{"stall": {"at": "head"}}]})
        thread = threading.Thread(target=ask, args=(server,))
        thread.start()
        server.wait_for(timeout=60)
    thread.join(60)
    assert len(left) == 1


def test_settings_are_those_of_every_sandbox() -> None:
    with MockServer(unmatched="echo", keys=["sk-1"]) as server:
        assert chat(server, "hi") == 401
        url = f"{server.base_url}/chat/completions"
        body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
        assert post(url, body, Authorization="Bearer sk-1")[0] == 200


def test_sandboxes_of_a_server_are_separate() -> None:
    with MockServer(WEATHER) as server:
        own = server.server.create(scenarios=True)
        empty = server.server.create(unmatched="allow")
        assert (chat(own, "weather"), chat(empty, "weather")) == (200, 404)
        assert [len(one.requests) for one in (server, own, empty)] == [0, 1, 1]


def test_reset_returns_to_the_scenarios_of_the_server() -> None:
    with MockServer(WEATHER) as server:
        server.stub(reply="x", name="extra")
        server.reset()
        assert [use[2] for use in server.calls()] == ["asks for the weather", "says goodbye"]


def test_a_server_may_be_run_again() -> None:
    server = MockServer()
    for _ in range(2):
        with server:
            assert server.server.health()["sandboxes"] == 0


def test_a_running_server_is_not_started_twice() -> None:
    with MockServer() as server, pytest.raises(UsageError, match="is running already, at http"):
        server.start()


def test_a_server_may_be_started_and_stopped_by_hand() -> None:
    server = MockServer().start()
    assert server.server.health()["status"] == "ok"
    server.stop()
    server.stop()


@pytest.mark.parametrize("use", ["requests", "verify"])
def test_a_server_that_is_not_running_names_the_with_statement(use: str) -> None:
    server = MockServer()
    uses = {"requests": lambda: server.requests, "verify": server.verify}
    with pytest.raises(UsageError, match=r"expected 'with MockServer\(…\) as server:' around this"):
        uses[use]()


def test_a_taken_port_is_a_host_error() -> None:
    with MockServer() as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(HostError) as rejected:
            MockServer(port=port).start()
        assert str(rejected.value).startswith(f"cannot listen on 127.0.0.1:{port}: ")
        assert str(rejected.value).endswith("; another port, or 0 for any free one")
        assert server.server.health()["status"] == "ok"


def test_an_ipv6_address_is_bracketed() -> None:
    with MockServer(host="::1") as server:
        assert server.url.startswith("http://[::1]:")
        assert chat(server, "x") == 404


def test_bad_scenarios_start_nothing(tmp_path: Path) -> None:
    before = threads()
    (tmp_path / "bad.yaml").write_text("stubs: 3\n")
    with pytest.raises(ScenarioError):
        MockServer(tmp_path).start()
    with pytest.raises(UsageError):
        MockServer(tmp_path / "none").start()
    with pytest.raises(UsageError, match="unknown setting 'contrakt'"):
        MockServer(contrakt="off").start()  # type: ignore[call-arg]  # what is tested
    assert threads() == before


def test_a_scenario_can_use_a_dialect_of_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("dialect: mine\nextends: openai\n")
    scenario = tmp_path / "hello.yaml"
    scenario.write_text("dialect: ./mine.yaml\nstubs: [{reply: hi}]\n")
    with MockServer() as server:
        server.load(scenario)
        assert chat(server, "x") == 200


# --- on the running loop ---


async def asked(server: MockServer, text: str) -> int:
    return await asyncio.to_thread(chat, server, text)


def test_a_server_runs_on_the_loop_that_is_running() -> None:
    async def story() -> None:
        before = threads()
        async with MockServer() as server:
            assert threads() == before
            server.expect(on="chat", when={"user": "hi"}, reply="hi")
            assert await asked(server, "hi") == 200
            assert server.last.user == "hi"
            server.verify()
            assert await asked(server, "unheard") == 404
            with pytest.raises(VerificationError, match="1 unmatched request"):
                server.verify()

    asyncio.run(story())


def test_waiting_on_the_servers_own_loop_is_rejected() -> None:
    async def story() -> None:
        async with MockServer() as server:
            with pytest.raises(UsageError, match="would block the event loop"):
                server.wait_for()
            server.stub(reply="hi")
            waiting = asyncio.create_task(asyncio.to_thread(server.wait_for, timeout=60))
            assert await asked(server, "hi") == 200
            assert len(await waiting) == 1
            assert len(server.wait_for()) == 1

    asyncio.run(story())


def test_other_threads_reach_a_server_on_a_loop() -> None:
    async def story() -> int:
        async with MockServer() as server:
            await asyncio.to_thread(server.stub, reply="hi")
            return await asked(server, "x")

    assert asyncio.run(story()) == 200


def test_a_closed_loop_is_reported() -> None:
    async def story() -> MockServer:
        server = MockServer()
        await server.__aenter__()
        return server

    server = asyncio.run(story())
    with pytest.raises(HostError, match="the server has stopped"):
        _ = server.requests
