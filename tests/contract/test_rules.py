"""Every rule has a reply that keeps it, and one that breaks it and is reported with it first."""

from __future__ import annotations

import re

import pytest

from tests.contract.body_cases import CASES as BODIES
from tests.contract.cases import Case
from tests.contract.chat_cases import CASES as CHAT
from tests.contract.framing_cases import CASES as FRAMING
from tests.contract.responses_cases import CASES as RESPONSES
from tests.kit import CHAT_RULES, COMPACTION_RULES, FRAMING_RULES, RESPONSES_RULES, RULES, Rule
from tests.kit import RULES_SCHEMA_RULES as SCHEMA_RULES

CASES = (*RESPONSES, *CHAT, *BODIES, *FRAMING)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_violation_is_reported_with_its_rule_first(case: Case) -> None:
    assert case.kept() == ()
    broken = case.broken()
    assert (case.rule, broken[0].severity) == (broken[0].rule, RULES[case.rule].severity)


def test_every_rule_has_a_breaking_case() -> None:
    assert sorted({case.rule for case in CASES}) == sorted(RULES)


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
