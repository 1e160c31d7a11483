"""The limits of a connection, as keywords of a server in this process."""

from __future__ import annotations

import pytest

from mockserver import MockServer, UsageError

WRONG: dict[str, tuple[dict[str, object], str]] = {
    "a size below zero": ({"head_limit": -1}, "setting 'head_limit': expected a whole number from 0, got -1"),
    "half a byte": ({"head_limit": 0.5}, "setting 'head_limit': expected a whole number from 0, got 0.5"),
    "a switch": ({"head_limit": True}, "setting 'head_limit': expected a whole number from 0, got True"),
    "a text": ({"head_timeout": "1"}, "setting 'head_timeout': expected seconds from 0, got '1'"),
    "less than no time": ({"body_timeout": -1}, "setting 'body_timeout': expected seconds from 0, got -1"),
    "no time at all": ({"body_timeout": None}, "setting 'body_timeout': expected seconds from 0, got None"),
    "for ever": ({"body_timeout": float("inf")}, "setting 'body_timeout': expected seconds from 0, got inf"),
    "another name": ({"head_limits": 1}, "unknown setting 'head_limits': did you mean 'head_limit'?"),
}


@pytest.mark.parametrize(("given", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_limit_is_rejected(given: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        MockServer(**given).start()  # type: ignore[arg-type]  # what a type checker would tell
    assert str(caught.value) == said


def test_a_sandbox_has_no_limits_of_its_own() -> None:
    with MockServer() as server, pytest.raises(UsageError, match="unknown setting 'head_limit'"):
        server.server.create("a", head_limit=1)  # type: ignore[call-arg]
