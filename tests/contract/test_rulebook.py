"""The rules are told once each, in one sentence, with their source."""

from __future__ import annotations

import re

import pytest

from mockserver.contract.rules import (
    CHAT_RULES,
    COMPACTION_RULES,
    FRAMING_RULES,
    RESPONSES_RULES,
    RULES,
    SCHEMA_RULES,
)
from mockserver.model.findings import Rule

SOURCES = {
    "OpenAI API reference",
    "OpenAI API reference, Chat Completions",
    "OpenAI API reference, Responses",
    "OpenAI API reference, chat completion chunks",
    "OpenAI API reference, compact a response",
    "OpenAI API reference, error codes",
    "OpenAI API reference, streaming events",
    "OpenAI API reference, the chat completion object",
    "OpenAI API reference, the response object",
    "Open Responses specification",
    "RFC 8259, JSON",
    "RFC 9112, HTTP/1.1",
    "WHATWG HTML, server-sent events",
    "observed on the wire",
}


def test_no_id_is_given_twice() -> None:
    tables = (CHAT_RULES, COMPACTION_RULES, FRAMING_RULES, RESPONSES_RULES, SCHEMA_RULES)
    assert sum(map(len, tables)) == len(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_has_an_id_a_meaning_and_a_public_source(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z_]+(\.[a-z0-9_]+)+", rule.id)
    assert rule.meaning.strip() == rule.meaning != ""
    assert rule.source in SOURCES
