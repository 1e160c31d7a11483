"""The tables of the grammar are closed: every state has its row, every rule its words."""

from __future__ import annotations

import pytest

from tests.kit import GRAMMAR, OPENAI, RULES, IllegalTransition, Machine, registry

LIGHT = Machine(
    name="light",
    rule="light.order",
    start="red",
    steps={"red": {"go": "green"}, "green": {"stop": "red", "dim": "green"}, "dark": {}},
    refused={("green", "*"): "light.green", ("green", "go"): "light.going"},
    labels={"stop": "the order to stop"},
)


@pytest.mark.parametrize(
    ("state", "word", "expected"),
    [
        ("red", "go", "green"),
        ("red", "stop", IllegalTransition(rule="light.order", message="expected go, got the order to stop")),
        ("green", "go", IllegalTransition(rule="light.going", message="expected the order to stop or dim, got go")),
        ("green", "fly", IllegalTransition(rule="light.green", message="expected the order to stop or dim, got fly")),
        ("dark", "go", IllegalTransition(rule="light.order", message="expected nothing more, got go")),
    ],
)
def test_a_step_gives_the_next_state_or_an_illegal_transition(
    state: str, word: str, expected: str | IllegalTransition
) -> None:
    assert LIGHT.step(state, word) == expected


@pytest.mark.parametrize("machine", GRAMMAR.values(), ids=lambda machine: machine.name)
def test_every_state_is_reached_and_rejected_steps_name_rules(machine: Machine) -> None:
    reached = {machine.start}
    waiting = [machine.start]
    while waiting:
        for state in machine.steps[waiting.pop()].values():
            if state not in reached:
                reached.add(state)
                waiting.append(state)
    assert reached == set(machine.steps)
    assert {machine.rule, *machine.refused.values()} <= RULES.keys()
    for state, word in machine.refused:
        assert word not in machine.steps[state]


def test_every_item_with_an_order_has_a_table_of_members() -> None:
    assert {f"item.{kind}" for kind in registry().orders} - {"item.other"} <= OPENAI.tables.kinds.keys()
