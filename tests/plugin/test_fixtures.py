from __future__ import annotations

import sys

import pytest

from tests.plugin.conftest import Run

HEAD = "import pytest\nfrom asking import ask\n"
HELLO = "stubs: [{name: %s, reply: hi}]\n"


def test_each_test_has_a_sandbox_of_its_own(run: Run) -> None:
    result = run(
        HEAD
        + """
seen = []

@pytest.mark.parametrize("turn", [1, 2, 3])
def test_it(mockserver, turn):
    assert mockserver.url not in seen
    seen.append(mockserver.url)
    assert len(mockserver.requests) == 0
    mockserver.stub(reply="hi")
    ask(mockserver.base_url)
    assert len(mockserver.requests) == 1

def test_one_server(mockserver_host):
    assert len({url.partition("/sandbox/")[0] for url in seen}) == 1
    assert mockserver_host.sandboxes == ()
"""
    )
    result.assert_outcomes(passed=4)


def test_a_late_request_never_lands_in_the_next_test(run: Run) -> None:
    result = run(
        HEAD
        + """
left = {}

def test_one(mockserver):
    left["url"] = mockserver.base_url

def test_two(mockserver):
    assert ask(left["url"]) == 410
    assert len(mockserver.journal) == 0
"""
    )
    result.assert_outcomes(passed=2)


def test_scenarios_are_found_next_to_the_test_then_in_ini_folders_then_in_the_root(
    run: Run, pytester: pytest.Pytester
) -> None:
    for folder, names in {"suite": ("near",), "shared": ("near", "middle"), ".": ("near", "middle", "far")}.items():
        path = pytester.path / folder
        path.mkdir(exist_ok=True)
        for name in names:
            (path / f"{name}.yaml").write_text(HELLO % f"{folder} {name}")
    pytester.makeini("[pytest]\nmockserver_scenarios = shared\n")
    (pytester.path / "suite" / "test_inner.py").write_text(
        """
from asking import ask

def test_it(mockserver):
    mockserver.load("near", "middle", "far")
    assert [use[:3] for use in mockserver.calls()] == [
        ("suite/near.yaml", 1, "suite near"),
        ("shared/middle.yaml", 1, "shared middle"),
        ("far.yaml", 1, ". far"),
    ]
"""
    )
    run("", "suite").assert_outcomes(passed=1)


def test_the_marker_loads_and_sets_the_nearest_winning(run: Run, pytester: pytest.Pytester) -> None:
    (pytester.path / "a.yaml").write_text(HELLO % "a")
    (pytester.path / "b.yaml").write_text(HELLO % "b")
    result = run(
        HEAD
        + """
pytestmark = pytest.mark.mockserver("a", unmatched="allow", strict=True)

@pytest.mark.mockserver("b", "a", unmatched="echo", keys=["sk-1"])
def test_it(mockserver, mockserver_host):
    assert [use[2] for use in mockserver.calls()] == ["a", "b"]
    assert mockserver.api_key == "sk-1"
    assert ask(mockserver.base_url, key="sk-2") == 401
    mockserver.allow(findings=True)
    mockserver.stub(reply="more")
    mockserver.reset()
    assert [use[2] for use in mockserver.calls()] == ["a", "b"]
"""
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "line"),
    [
        ('contrakt="off"', "*unknown setting 'contrakt': did you mean 'contract'?"),
        ('contract="of"', "*setting 'contract': expected one of enforce, *, got 'of'"),
        ('allow="all"', "*marker mockserver: allow: expected some of *, got 'all'"),
        ('"nothing"', "*no scenario 'nothing': searched for it, .yaml and .yml in *"),
    ],
)
def test_a_wrong_marker_is_reported(run: Run, marker: str, line: str) -> None:
    result = run(f"{HEAD}\n@pytest.mark.mockserver({marker})\ndef test_it(mockserver): pass\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([line])


def test_options_of_the_command_line_are_settings_of_every_sandbox(run: Run) -> None:
    result = run(
        HEAD
        + """
def test_it(mockserver):
    assert ask(mockserver.base_url) == 200
    mockserver.stub(reply={"output": [{"text": "x"}], "pace": {"first": "1000s"}})
    assert ask(mockserver.base_url) == 200

@pytest.mark.mockserver(unmatched="allow")
def test_marker_wins(mockserver):
    assert ask(mockserver.base_url) == 404

def test_strict(mockserver):
    assert ask(mockserver.base_url, unheard=1) == 200
    assert mockserver.last.findings
""",
        "--mockserver-unmatched=echo",
        "--mockserver-contract=report",
        "--mockserver-strict",
        "--mockserver-time-scale=0",
    )
    result.assert_outcomes(passed=3)


def test_options_may_be_overridden_by_a_fixture(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
import pytest

@pytest.fixture(scope="session")
def mockserver_options(mockserver_options):
    return {**mockserver_options, "unmatched": "allow"}
"""
    )
    result = run(f"{HEAD}\ndef test_it(mockserver): assert ask(mockserver.base_url) == 404\n")
    result.assert_outcomes(passed=1)


def test_the_environment_points_at_the_sandbox(run: Run) -> None:
    result = run(
        HEAD
        + """
import os, subprocess, sys

CLIENT = '''
import os
from asking import ask
print(ask(os.environ["OPENAI_BASE_URL"], key=os.environ["OPENAI_API_KEY"]))
'''

def test_it(mockserver, mockserver_env):
    assert mockserver_env == mockserver.env
    assert os.environ["OPENAI_BASE_URL"] == mockserver.base_url
    mockserver.expect(reply="hi")
    ended = subprocess.run([sys.executable, "-c", CLIENT], capture_output=True, check=True)
    assert ended.stdout.strip() == b"200"

def test_after():
    assert "OPENAI_BASE_URL" not in os.environ
"""
    )
    result.assert_outcomes(passed=2)


def test_stubs_that_no_test_has_called_are_listed(run: Run, apart: Run, pytester: pytest.Pytester) -> None:
    (pytester.path / "both.yaml").write_text(
        "stubs:\n  - {name: used, when: {user: a}, reply: x}\n  - {name: idle, when: {user: b}, reply: x}\n"
    )
    suite = (
        HEAD
        + """
pytestmark = pytest.mark.mockserver("both")

def test_one(mockserver):
    ask(mockserver.base_url, "a")

def test_two(mockserver):
    pass
"""
    )
    for result in (run(suite, "--mockserver-unused"), apart(suite, "--mockserver-unused", "-n2", plugins=("xdist",))):
        result.assert_outcomes(passed=2)
        result.stdout.fnmatch_lines(["*mockserver: stubs that no test has called*", 'both.yaml:3 "idle"'])
        result.stdout.no_fnmatch_line('both.yaml:2 "used"')
    result = run(HEAD + "def test_it(mockserver): pass\n", "--mockserver-unused")
    result.stdout.fnmatch_lines(["*mockserver: stubs that no test has called*", "none"])


def test_a_session_without_the_fixture_prints_nothing(run: Run) -> None:
    result = run("def test_it(): assert not 'good'\n")
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*mockserver *")


def test_the_marker_and_the_fixtures_are_documented(run: Run) -> None:
    result = run("", "--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.mockserver(*"])
    result = run("", "--fixtures", "-v")
    text = "\n".join(result.outlines)
    for name in ("mockserver", "mockserver_host", "mockserver_env", "mockserver_options"):
        assert f"{name} " in text or f"{name}\n" in text


def test_the_plugin_can_be_blocked_by_its_name(run: Run) -> None:
    result = run("def test_it(mockserver): pass\n", "-pno:mockserver")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["E       fixture 'mockserver' not found"])


def test_the_fixture_may_be_asked_for_in_the_middle_of_a_test(run: Run) -> None:
    result = run(
        HEAD
        + """
import threading

def test_here(request):
    sandbox = request.getfixturevalue("mockserver")
    assert sandbox.name.startswith("test_here-")
    sandbox.expect(reply="hi")
    assert ask(sandbox.base_url) == 200

def test_in_a_thread(request):
    found = []
    asking = threading.Thread(target=lambda: found.append(request.getfixturevalue("mockserver")))
    asking.start()
    asking.join()
    assert found[0].name.startswith("test_in_a_thread-")
    found[0].expect(reply="never")
"""
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["1 expected call is missing."])


def test_a_sandbox_is_named_after_its_test_in_characters_of_urls(run: Run) -> None:
    result = run(
        HEAD
        + """
@pytest.mark.parametrize("text", [1, 2], ids=["a b/ü", "x" * 200])
def test_it(mockserver, text):
    name, mark, number = mockserver.name.rsplit("-", 2)
    assert name in ("test_it-a-b--xfc-", "test_it-" + "x" * 52)
    assert len(mark) == 8
    assert mockserver.url.endswith("/sandbox/" + mockserver.name)
"""
    )
    result.assert_outcomes(passed=2)


def test_the_plugin_adds_no_finder_of_modules(run: Run) -> None:
    before = [type(one) for one in sys.meta_path]
    result = run(
        """
import sys

def test_it(mockserver):
    assert not [one for one in sys.meta_path if type(one).__module__.startswith("mockserver")]
"""
    )
    result.assert_outcomes(passed=1)
    assert [type(one) for one in sys.meta_path] == before
