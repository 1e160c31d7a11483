"""Every rule has a reply that keeps it, and one that breaks it and is reported with it first."""

from __future__ import annotations

import pytest

from mockserver.contract.rules import RULES
from tests.contract.body_cases import CASES as BODIES
from tests.contract.cases import Case
from tests.contract.chat_cases import CASES as CHAT
from tests.contract.framing_cases import CASES as FRAMING
from tests.contract.responses_cases import CASES as RESPONSES

CASES = (*RESPONSES, *CHAT, *BODIES, *FRAMING)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_breach_is_reported_with_its_rule_first(case: Case) -> None:
    assert case.kept() == ()
    broken = case.broken()
    assert (case.rule, broken[0].severity) == (broken[0].rule, RULES[case.rule].severity)


def test_every_rule_has_a_breaking_case() -> None:
    assert sorted({case.rule for case in CASES}) == sorted(RULES)
