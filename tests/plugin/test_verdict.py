from __future__ import annotations

from fnmatch import fnmatch

import pytest

from tests.plugin.conftest import Run

HEAD = "import pytest\nfrom asking import ask\n"


def test_a_good_test_passes(run: Run) -> None:
    result = run(
        HEAD
        + """
def test_it(mockserver):
    mockserver.expect(on="chat", reply="hi", times=1)
    assert ask(mockserver.base_url) == 200
    assert mockserver.requests[0].json["model"] == "gpt-5.4"
"""
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        pytest.param(
            'ask(mockserver.base_url, "lost")',
            ["1 unmatched request.", "#1  POST /v1/chat/completions   * sandbox"],
            id="unmatched",
        ),
        pytest.param(
            'mockserver.expect(reply="hi", name="one")',
            ["1 expected call is missing.", 'never called  test_it.py:* "one"   expected 1.., got 0'],
            id="never called",
        ),
        pytest.param(
            'mockserver.stub(reply="hi", times="2..3", name="one")\n    ask(mockserver.base_url)',
            ["1 expected call is missing.", 'too few calls test_it.py:* "one"   expected 2..3, got 1'],
            id="too rarely",
        ),
        pytest.param(
            'mockserver.stub(reply="hi", times=1, name="one")\n'
            "    ask(mockserver.base_url)\n    ask(mockserver.base_url)",
            ['    closest  test_it.py:* "one" — matches, but exhausted (1/1 calls)'],
            id="too often",
        ),
        pytest.param(
            'mockserver.stub(replies=["hi"], then="miss", name="one")\n'
            "    ask(mockserver.base_url)\n    ask(mockserver.base_url)",
            ['    closest  test_it.py:* "one" — matches, but exhausted (1/1 calls)'],
            id="sequence exhausted",
        ),
        pytest.param(
            'mockserver.stub(reply="hi")\n    assert ask(mockserver.base_url, n="two") == 400',
            ["1 request violates the contract.", "    breaks   *"],
            id="contract",
        ),
    ],
)
def test_a_problem_fails_the_test_itself(run: Run, body: str, lines: list[str]) -> None:
    result = run(f"{HEAD}\ndef test_it(mockserver):\n    {body}\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(lines)
    result.stdout.fnmatch_lines(["*- mockserver journal -*"])
    result.stdout.no_fnmatch_line("*pytest_plugin*")


@pytest.mark.parametrize(
    ("marker", "body"),
    [
        ('unmatched="allow"', "assert ask(mockserver.base_url) == 404"),
        ('unmatched="echo"', "assert ask(mockserver.base_url) == 200"),
        ('allow="unmatched"', "ask(mockserver.base_url)"),
        ('allow=["counts"]', 'mockserver.expect(reply="hi")'),
        ('allow="findings"', 'mockserver.stub(reply="x")\n    assert ask(mockserver.base_url, n="two") == 400'),
        ('contract="report"', 'mockserver.stub(reply="x")\n    assert ask(mockserver.base_url, n="two") == 200'),
        ('contract="off"', 'mockserver.stub(reply="x")\n    assert ask(mockserver.base_url, n="two") == 200'),
        ("", "mockserver.allow(unmatched=True)\n    ask(mockserver.base_url)"),
    ],
)
def test_what_is_allowed_passes(run: Run, marker: str, body: str) -> None:
    suite = f"{HEAD}\n@pytest.mark.mockserver({marker})\ndef test_it(mockserver):\n    {body}\n"
    run(suite).assert_outcomes(passed=1)


def test_a_failing_test_keeps_its_error_and_gets_the_report(run: Run) -> None:
    result = run(
        HEAD
        + """
def test_it(mockserver):
    ask(mockserver.base_url, "lost")
    assert 1 == 2
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E       assert 1 == 2",
            "*- mockserver verdict -*",
            "1 unmatched request.",
            "*- mockserver journal -*",
            "#1  POST /v1/chat/completions   404   unmatched   complete, *",
            "FAILED test_it.py::test_it - assert 1 == 2",
        ]
    )


def test_a_body_that_fails_with_a_good_verdict_has_only_its_journal(run: Run) -> None:
    result = run(
        HEAD
        + """
def test_it(mockserver):
    mockserver.stub(reply="hi", name="any")
    ask(mockserver.base_url)
    raise ValueError("own")
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E       ValueError: own", "*- mockserver journal -*", '#1 *"any" call 1 *'])
    result.stdout.no_fnmatch_line("*mockserver verdict*")


def test_xfail_is_respected(run: Run) -> None:
    result = run(
        HEAD
        + """
from mockserver import VerificationError

@pytest.mark.xfail(strict=True)
def test_one(mockserver):
    mockserver.expect(reply="hi")

@pytest.mark.xfail(raises=VerificationError, strict=True)
def test_two(mockserver):
    mockserver.expect(reply="hi")

@pytest.mark.xfail(strict=True)
def test_three(mockserver):
    pass
"""
    )
    result.assert_outcomes(xfailed=2, failed=1)


def test_a_skipped_test_is_not_verified(run: Run) -> None:
    result = run(
        HEAD
        + """
def test_it(mockserver):
    mockserver.expect(reply="hi")
    pytest.skip("not today")
"""
    )
    result.assert_outcomes(skipped=1)


def test_a_failing_fixture_gets_the_journal(run: Run) -> None:
    result = run(
        HEAD
        + """
@pytest.fixture
def broken(mockserver):
    mockserver.stub(reply="hi")
    ask(mockserver.base_url, "early")
    raise ValueError("broken")

@pytest.fixture
def ending(mockserver):
    yield
    raise ValueError("ended")

def test_setup(broken):
    pass

def test_teardown(ending, mockserver):
    mockserver.stub(reply="hi")
    ask(mockserver.base_url)
"""
    )
    result.assert_outcomes(passed=1, errors=2)
    sections = [line for line in result.outlines if "- mockserver journal -" in line]
    assert len(sections) == 2


def test_verify_by_hand_raises_where_it_stands(run: Run) -> None:
    result = run(
        HEAD
        + """
def test_it(mockserver):
    mockserver.expect(reply="hi", name="one")
    mockserver.verify()
    assert not "reached"
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([">       mockserver.verify()", "*VerificationError: 1 expected call is missing.*"])


def test_replies_in_flight_settle_before_the_verdict(run: Run) -> None:
    result = run(
        HEAD
        + """
import threading

def test_settles(mockserver):
    mockserver.stub(reply={"output": [{"text": "x"}], "pace": {"first": "100ms"}})
    thread = threading.Thread(target=ask, args=(mockserver.base_url,))
    thread.start()
    mockserver.wait_for(timeout=60)

def test_names_what_does_not(mockserver):
    mockserver.stub(reply={"output": [{"text": "x"}], "faults": [{"stall": {"at": "head"}}]})
    mockserver.expect(reply="y", when={"user": "never"})

    def left_alone():
        try:
            ask(mockserver.base_url)
        except OSError:
            pass

    threading.Thread(target=left_alone, daemon=True).start()
    mockserver.wait_for(timeout=60)
""",
        "--mockserver-settle=0.2",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["still in flight: #1"])


def test_unittest_classes_are_verified(run: Run) -> None:
    result = run(
        HEAD
        + """
import unittest

class TestIt(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _server(self, mockserver):
        self.server = mockserver

    def test_good(self):
        self.server.expect(reply="hi")
        self.assertEqual(ask(self.server.base_url), 200)

    def test_missing(self):
        self.server.expect(reply="hi")

    def test_own(self):
        self.server.expect(reply="hi")
        self.fail("own failure")
"""
    )
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["1 expected call is missing.*"])
    result.stdout.fnmatch_lines(["*AssertionError: own failure"])


def test_a_server_that_is_gone_does_not_hide_why_a_test_failed(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
import pytest
from mockserver import MockServer

@pytest.fixture(scope="session")
def mockserver_host():
    with MockServer() as server:
        host = server.server
        host.stop = server.stop
        yield host
"""
    )
    result = run(
        HEAD
        + """
def test_it(mockserver, mockserver_host):
    mockserver_host.stop()
    assert 1 == 2
"""
    )
    result.assert_outcomes(failed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["E       assert 1 == 2", "*- mockserver journal -*", "the journal is not available: the server has stopped"]
    )


@pytest.mark.parametrize(
    ("body", "summary"),
    [
        ('ask(mockserver.base_url, "lost")', "1 unmatched request: no stubs are loaded"),
        (
            'mockserver.stub(name="one", when={"user": "found"}, reply="hi")\n    ask(mockserver.base_url, "lost")',
            '1 unmatched request: closest test_it.py:5 "one" — 1 of 1 conditions differs',
        ),
        ('mockserver.expect(reply="hi", name="one")', '1 expected call is missing: never called test_it.py:5 "one" *'),
        ('mockserver.load("plian")', "no scenario 'plian': *; did you mean 'plain'?"),
        (
            'mockserver.stub(reply={"text": "x"})',
            "test_it.py:5:1: stubs[[]0].reply.text: unknown key 'text'; expected output: [[]{text: …}]",
        ),
        ("mockserver.assert_called()", "expected *"),
    ],
)
def test_the_summary_begins_with_the_reason(run: Run, body: str, summary: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")  # old versions of pytest cut the line whatever the verbosity
    result = run(f"{HEAD}\ndef test_it(mockserver):\n    {body}\n", "-vv")
    result.assert_outcomes(failed=1)
    text = str(result.stdout).partition("short test summary info")[2]
    [line] = [one for one in text.splitlines() if one.startswith("FAILED")] or [""]
    result.stdout.no_fnmatch_line("*/mockserver/*.py:*")
    assert fnmatch(text.replace("\n", " "), f"* - {summary}*"), line


def test_a_second_upstream_fails_the_test_like_the_first(run: Run) -> None:
    result = run(
        HEAD
        + """
def test_it(mockserver):
    fallback = mockserver.another("fallback")
    mockserver.stub(reply="hi")
    ask(mockserver.base_url)
    ask(fallback.base_url, "lost")

def test_gone(mockserver, mockserver_host):
    mockserver.stub(reply="hi")
    assert not [name for name in mockserver_host.sandboxes if name.endswith("-fallback")]
"""
    )
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        [
            "1 unmatched request.",
            "#1  POST /v1/chat/completions   test_it-*-fallback sandbox",
            "*- mockserver journal -*",
            "#1  POST /v1/chat/completions   200 *",
            "fallback:",
            "#1  POST /v1/chat/completions   404   unmatched *",
        ]
    )
