from __future__ import annotations

import pytest

from mockserver.report.redact import truncate_middle


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("", 200, ""),
        ("a" * 200, 200, "a" * 200),
        ("a" * 201, 200, f"{'a' * 80}…[41 characters dropped]…{'a' * 80}"),
        ("0123456789abc", 10, "0123…[5 characters dropped]…9abc"),
        ("line\nbreak\ttab\x1b[31m\u2028", 200, "line\\nbreak\\ttab\\x1b[31m\\u2028"),
        ("Zürich 東京 🌦", 200, "Zürich 東京 🌦"),
    ],
)
def test_a_value_is_one_line_of_bounded_length(text: str, limit: int, shown: str) -> None:
    assert truncate_middle(text, limit) == shown
