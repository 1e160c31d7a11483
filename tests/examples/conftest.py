"""What the tests on the pages need is imported once, before pytest runs inside pytest: such a run
forgets at its end whatever it was the first to import."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pytest

NEEDED = ("httpcore2", "mockserver.client.in_process", "openai.resources.chat", "openai.resources.responses")
for name in NEEDED:
    import_module(name)

RunPage = Callable[[], pytest.RunResult]


@pytest.fixture
def run_page(pytester: pytest.Pytester) -> RunPage:
    """Run the tests that were written into pytester's folder, in their order."""
    scope = "asyncio_default_fixture_loop_scope=function"
    plugins = ("no:randomly", "no:cacheprovider")
    arguments = ("-q", "-o", scope, *(word for name in plugins for word in ("-p", name)))
    return lambda: pytester.runpytest_inprocess(*arguments)
