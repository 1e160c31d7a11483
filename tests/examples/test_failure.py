"""What the README shows as the text of a failure is what a failing test prints."""

from __future__ import annotations

import re

import pytest

from tests.examples.conftest import RunPage
from tests.examples.pages import beside, of

TEST = """\
from contextlib import suppress

from openai import NotFoundError, OpenAI


def test_weather(mockserver):
    mockserver.load("weather")
    client = OpenAI(base_url=mockserver.base_url, api_key="any")
    messages = [{"role": "user", "content": "How is the weather?"}]
    with suppress(NotFoundError):
        client.chat.completions.create(model="gpt-5.4", messages=messages, stream=True)
    mockserver.expect(name="says goodbye", when={"user": "bye"}, reply="Goodbye.", times=1)
"""


def test_the_failure_that_is_shown_is_the_one_that_is_printed(pytester: pytest.Pytester, run_page: RunPage) -> None:
    [shown] = {block.text for block in of("text") if block.page in ("README.md", "docs/index.md")}
    beside("README.md", pytester.path)
    pytester.makepyfile(test_weather=TEST)
    result = run_page()
    result.assert_outcomes(failed=1)
    printed = result.stdout.str()
    # The end of a sandbox's name is another in each run, lest two runs meet on one server.
    assert same(shown) in same(printed)


def same(text: str) -> str:
    return re.sub(r"(test_weather-)[0-9a-f]{8}-[0-9]+ ", r"\1… ", text)
