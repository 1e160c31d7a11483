"""A suite of someone else's, with the very test that the documentation shows."""

from __future__ import annotations

import re
from pathlib import Path

# Loaded here, these outlive the inner runs, which forget what they import.
import httpcore  # noqa: F401
import httpx  # noqa: F401
import pytest

import mockserver.client.in_process
import mockserver.sweeps.api

GUIDE = Path(__file__).parents[2] / "docs" / "sweeps.md"
ALONE = [f"-pno:{name}" for name in ("asyncio", "aiohttp", "anyio", "randomly", "timeout", "xdist")]

RIGHT = """
import codecs

def messages(chunks):
    decoder, text = codecs.getincrementaldecoder("utf-8")(), ""
    for chunk in chunks:
        text += decoder.decode(chunk)
        held = text.endswith("\\r")
        lines = (text[:-1] if held else text).replace("\\r\\n", "\\n").replace("\\r", "\\n")
        *blocks, text = lines.split("\\n\\n")
        text += "\\r" if held else ""
        for block in blocks:
            data = [line[5:].strip() for line in block.split("\\n") if line.startswith("data:")]
            if data:
                yield "\\n".join(data)
"""
# Each portion is taken for whole messages, as it nearly always is on one machine.
WRONG = """
def messages(chunks):
    for chunk in chunks:
        for line in chunk.decode("utf-8", "replace").splitlines():
            if line.startswith("data:"):
                yield line[5:].strip()
"""


@pytest.fixture
def shown() -> str:
    """The test in the documentation."""
    found = re.search(r'```python title="test_reader.py"\n(.*?)```', GUIDE.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_documented_test_is_ten_lines(shown: str) -> None:
    test = shown.partition("@pytest")[2].splitlines()
    assert len(test) <= 10


def test_the_documented_test_passes_with_a_reader_that_is_right(pytester: pytest.Pytester, shown: str) -> None:
    pytester.makepyfile(test_reader=shown, my_client=RIGHT)
    some = "head or text.delta[0] or after-terminator or bytes or sizes or split"
    outcomes = pytester.runpytest_inprocess("-q", *ALONE, "-k", some).parseoutcomes()
    assert set(outcomes) == {"passed", "deselected"}
    assert outcomes["passed"] > 50
    assert sum(outcomes.values()) > 300


def test_the_documented_test_finds_a_reader_that_is_wrong(pytester: pytest.Pytester, shown: str) -> None:
    pytester.makepyfile(test_reader=shown, my_client=WRONG)
    result = pytester.runpytest_inprocess("-q", "-rf", "--tb=no", *ALONE, "-k", "text.delta[0] and not divide")
    outcomes = result.parseoutcomes()
    assert outcomes["failed"] > 10
    assert outcomes["passed"] > 5
    result.stdout.fnmatch_lines(["FAILED *text.delta[[]0]/before-blank-line/cut[]]*"])


def test_a_case_is_a_test_of_its_own_and_reports_name_the_stub(pytester: pytest.Pytester) -> None:
    pytester.mkdir("here")
    pytester.path.joinpath("here", "weather.yaml").write_text(
        "dialect: openai\nstubs:\n  - name: sun\n    when: {user: sun}\n    reply: It shines.\n"
    )
    pytester.path.joinpath("here", "test_it.py").write_text(
        "import mockserver, pytest\n"
        '@pytest.mark.parametrize("case", mockserver.cuts("weather", on="chat", limit=2, seed=3))\n'
        "def test_it(mockserver, case):\n"
        "    mockserver.play(case)\n"
        '    mockserver.expect(reply="never asked for")\n'
    )
    [case, _] = mockserver.cuts(pytester.path / "here" / "weather.yaml", on="chat", limit=2, seed=3)
    node = f"here/test_it.py::test_it[{case}]"
    result = pytester.runpytest_inprocess("-q", *ALONE, node)
    assert result.parseoutcomes() == {"failed": 1}
    result.stdout.fnmatch_lines(["*never called*here/test_it.py:5*"])


def test_a_sweep_looks_where_the_fixture_looks(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nmockserver_scenarios = elsewhere\n")
    pytester.mkdir("elsewhere").joinpath("sun.yaml").write_text("stubs: [{name: a, reply: It shines.}]\n")
    pytester.makepyfile(
        test_it="""
        import mockserver, pytest

        SUN = mockserver.cuts("sun", on="chat", limit=1)

        def test_it():
            assert [case.origin for case in SUN] == ["elsewhere/sun.yaml"]
        """
    )
    pytester.runpytest_inprocess("-q", *ALONE).assert_outcomes(passed=1)


def test_a_sweep_is_split_among_workers_alike(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it="""
        import mockserver, pytest

        @pytest.mark.parametrize("case", mockserver.cuts("plain", on="chat", limit=8))
        def test_it(case):
            assert case.events is not None
        """
    )
    alone = [name for name in ALONE if "xdist" not in name]
    pytester.runpytest_subprocess("-q", *alone, "-n2").assert_outcomes(passed=8)
