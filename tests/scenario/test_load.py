"""From a file to a scenario: names, places, and the contract of every reply."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from mockserver.errors import Position, ScenarioError
from tests.kit import (
    ENDPOINTS,
    SHAPES,
    Dialect,
    Dialects,
    Endpoint,
    ErrorReply,
    Faults,
    IdGenerator,
    Output,
    Reply,
    ReplyProblem,
    Scenario,
    Shape,
    StreamCondition,
    Stub,
    SupportedEndpoints,
    Text,
    Times,
    WhenExhausted,
    load_conditions,
    load_inline,
    load_paths,
    load_text,
    load_value,
    read_fault,
)
from tests.kit import load_shipped as shipped
from tests.scenario.loading import (
    CONTENT,
    HI,
    OPENAI,
    Contract,
    OneDialect,
    load,
    load_stub,
    message,
    problems,
    supports_all,
    write,
)


def at(line: int, column: int) -> Position:
    return Position(file="f.yaml", line=line, column=column)


def said(text: str, origin: Position) -> Reply:
    return Reply(content=Output(choices=((Text(text=text),),)), origin=origin)


def test_a_file_becomes_a_scenario() -> None:
    text = """\
scenario: weather
about: sun and rain
dialect: openai
seed: 3
stubs:
  - name: first
    on: [responses, chat]
    when: {}
    times: 2
    priority: -1
    then: miss
    replies: [a, b]
  - reply: c
"""
    assert load(text) == Scenario(
        name="weather",
        about="sun and rain",
        dialect=OPENAI,
        seed=3,
        origin="f.yaml",
        stubs=(
            Stub(
                name="first",
                on=(Endpoint.CHAT, Endpoint.RESPONSES),
                shapes=SHAPES.names,
                times=Times(least=2, most=2),
                priority=-1,
                then=WhenExhausted.MISS,
                replies=(said("a", at(12, 15)), said("b", at(12, 18))),
                origin=at(6, 5),
            ),
            Stub(
                name="stub 2",
                on=ENDPOINTS.scripted,
                shapes=SHAPES.names,
                replies=(said("c", at(13, 12)),),
                origin=at(13, 5),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ("0", Times(least=0, most=0)), ("2", Times(least=2, most=2)), ("2.0", Times(least=2, most=2)),
        ("'2'", Times(least=2, most=2)), ("1..", Times(least=1)), ("..3", Times(least=0, most=3)),
        ("2..4", Times(least=2, most=4)), ("4..4", Times(least=4, most=4)),
    ],
)  # fmt: skip
def test_times_are_a_number_or_a_range(times: str, expected: Times) -> None:
    assert load_stub(f"{{reply: hi, times: {times}}}").times == expected


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("weather.yaml", "weather"),
        ("tests/scenarios/weather.v2.yml", "weather.v2"),
        ("weather", "weather"),
        ("/abs/weather.yaml", "weather"),
    ],
)
def test_a_scenario_is_named_by_its_file(origin: str, name: str) -> None:
    with CONTENT.used():
        scenario = load_text("stubs: [{reply: hi}]", origin, OneDialect())
    assert (scenario.name, scenario.origin) == (name, origin)


def test_a_name_may_be_given_and_the_file_has_the_last_word() -> None:
    with CONTENT.used():
        given = load_text("stubs: [{reply: hi}]", "f.yaml", OneDialect(), name="g")
    with CONTENT.used():
        own = load_text("{scenario: own, stubs: [{reply: hi}]}", "f.yaml", OneDialect(), name="g")
    assert (given.name, own.name) == ("g", "own")


def test_a_mapping_becomes_the_scenario_that_a_file_would() -> None:
    value = {"stubs": [{"on": ("chat",), "reply": {"output": [{"text": "hi"}]}}]}
    with CONTENT.used():
        scenario = load_value(value, "weather", OneDialect())
    place = Position(file='<inline "weather">', line=1, column=1)
    assert scenario == Scenario(
        name="weather",
        dialect=OPENAI,
        origin='<inline "weather">',
        stubs=(
            Stub(name="stub 1", on=(Endpoint.CHAT,), shapes=SHAPES.names, replies=(said("hi", place),), origin=place),
        ),
    )


def test_an_inline_mapping_may_come_from_somewhere() -> None:
    with CONTENT.used():
        scenario = load_value({"stubs": [{"reply": ""}]}, "w", OneDialect(), origin="a.py")
    assert scenario.origin == "a.py"


@pytest.mark.parametrize(("line", "expected"), [(7, 7), (0, 1)])
def test_a_mapping_in_a_program_has_the_place_of_the_program(line: int, expected: int) -> None:
    place = Position(file="test_it.py", line=line, column=1)
    scenario = load_inline({"stubs": [{"reply": "hi"}]}, place, Dialects())
    [stub] = scenario.stubs
    at = Position(file="test_it.py", line=expected, column=1)
    assert (scenario.name, stub.origin, stub.replies[0].origin) == ("", at, at)
    named = load_inline({"scenario": "n", "stubs": [{"reply": "hi"}]}, place, Dialects())
    assert named.name == "n"
    with pytest.raises(ScenarioError) as caught:
        load_inline({"stubs": [{"reply": 3}]}, place, Dialects())
    assert {problem.position for problem in caught.value.problems} == {at}


def test_conditions_are_read_without_a_stub() -> None:
    found = load_conditions({"stream": True}, "filter")
    assert found == (StreamCondition(expected=True),)
    with pytest.raises(ScenarioError) as caught:
        load_conditions({"strem": True, "turn": "4..2"}, "filter")
    assert str(caught.value) == (
        "filter:1:1: stubs[0].when.strem: unknown key 'strem'; did you mean 'stream'?\n"
        "filter:1:1: stubs[0].when.turn: the range '4..2' is empty; write the smaller number first"
    )
    with pytest.raises(ScenarioError):
        load_conditions(["no", "mapping"], "filter")


LOOP: list[object] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "empty; expected a mapping with 'stubs'"),
        ([], "expected a scenario, which is a mapping with 'stubs', got an empty list"),
        ({"stubs": [{"rply": 1}]}, "stubs[0].rply: unknown key 'rply'; did you mean 'reply'?"),
        ({"stubs": {1: 2}}, "stubs: a key is a string, got 1"),
        (
            {"stubs": [{"reply": {"raw": b"x"}}]},
            "stubs[0].reply.raw: b'x' is no JSON value; strings, numbers, lists and mappings are",
        ),
        ({"seed": float("nan")}, "seed: nan is no JSON value; strings, numbers, lists and mappings are"),
        ({"stubs": LOOP}, "nested deeper than 100 levels"),
    ],
)
def test_problems_of_a_mapping_have_their_key_path(value: object, expected: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_value(value, "w", OneDialect())
    assert str(caught.value) == f'<inline "w">:1:1: {expected}'


def test_an_unknown_dialect_does_not_hide_other_problems() -> None:
    assert problems("dialect: opnai\nstubs: [{rply: hi}]") == [
        "f.yaml:1:10: dialect: unknown dialect 'opnai'; did you mean 'openai'?",
        "f.yaml:2:10: stubs[0].rply: unknown key 'rply'; did you mean 'reply'?",
    ]


def test_the_problems_of_a_dialect_file_are_not_reported_twice() -> None:
    text = "dialect: broken.yaml\nstubs: [{reply: {error: nonsense}}]"
    with pytest.raises(ScenarioError) as caught:
        load(text)
    assert caught.value.problems == ()


class Witness:
    """A contract that records its calls and returns the given problems."""

    def __init__(self, *flaws: ReplyProblem, only: Sequence[Endpoint] = ENDPOINTS.scripted) -> None:
        self.flaws = flaws
        self.only = tuple(only)
        self.asked: list[tuple[Reply, dict[str, object]]] = []

    @property
    def contract(self) -> Contract:
        return Contract(supported_endpoints=self.supported, validate=self.validate)

    def supported(self, _replies: Sequence[Reply], _dialect: Dialect) -> SupportedEndpoints:
        why_not = {one: "not today" for one in ENDPOINTS.scripted if one not in self.only}
        return SupportedEndpoints(on=self.only, shapes=(Shape.CHAT,), why_not=why_not)

    def validate(self, reply: Reply, /, **around: object) -> tuple[ReplyProblem, ...]:
        self.asked.append((reply, around))
        return self.flaws


def test_every_reply_is_validated_on_its_endpoints() -> None:
    witness = Witness(only=(Endpoint.CHAT, Endpoint.RESPONSES))
    scenario = load(
        "{scenario: s, seed: 4, stubs: [{name: n, when: {stream: true}, replies: [a, b]}]}", contract=witness.contract
    )
    [stub] = scenario.stubs
    assert (stub.on, stub.shapes) == ((Endpoint.CHAT, Endpoint.RESPONSES), (Shape.CHAT,))
    around = {
        "on": stub.on, "shapes": (Shape.CHAT,), "when": stub.when, "dialect": OPENAI,
        "ids": IdGenerator(seed=4, scenario="s", stub="n", call=0),
    }  # fmt: skip
    assert witness.asked == [(stub.replies[0], around), (stub.replies[1], around)]


@pytest.mark.parametrize(
    ("flaw", "expected"),
    [
        (ReplyProblem(message="bad"), "f.yaml:2:12: stubs[0].reply: bad"),
        (ReplyProblem(message="bad", rule="chat.id.same"), "f.yaml:2:12: stubs[0].reply: bad [chat.id.same]"),
        (ReplyProblem(message="bad", key="output[0].text"), "f.yaml:2:29: stubs[0].reply.output[0].text: bad"),
        (ReplyProblem(message="bad", key="faults"), "f.yaml:2:12: stubs[0].reply.faults: bad"),
        (ReplyProblem(message="bad", key="output[7].x"), "f.yaml:2:21: stubs[0].reply.output[7].x: bad"),
    ],
)
def test_a_problem_of_the_contract_has_the_position_of_its_key(flaw: ReplyProblem, expected: str) -> None:
    text = "stubs:\n  - reply: {output: [{text: hi}]}"
    assert problems(text, contract=Witness(flaw).contract) == [expected]


def test_a_reply_of_one_string_has_its_problems_at_the_string() -> None:
    assert problems("stubs: [{reply: hi}]", contract=Witness(ReplyProblem(message="bad")).contract) == [
        "f.yaml:1:17: stubs[0].reply: bad"
    ]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("chat", []),
        ("compact", ["f.yaml:2:10: stubs[0].on: compact cannot serve this stub: not today"]),
        ("[chat, compact, responses]", ["f.yaml:2:17: stubs[0].on[1]: compact cannot serve this stub: not today",
            "f.yaml:2:26: stubs[0].on[2]: responses cannot serve this stub: not today"]),
    ],
)  # fmt: skip
def test_an_endpoint_that_cannot_express_the_replies_is_a_problem(on: str, expected: list[str]) -> None:
    text = f"stubs:\n  - {{on: {on}, reply: hi}}"
    assert problems(text, contract=Witness(only=[Endpoint.CHAT]).contract) == expected


def test_a_stub_that_no_endpoint_can_serve_is_a_problem() -> None:
    assert problems("stubs: [{reply: hi}]", contract=Witness(only=[]).contract) == [
        (
            "f.yaml:1:9: stubs[0]: no endpoint can express every reply of this stub "
            "(chat: not today; responses: not today; compact: not today)"
        )
    ]


def test_a_stub_whose_replies_have_problems_is_not_validated() -> None:
    witness = Witness(ReplyProblem(message="never reported"))
    text = "stubs: [{replies: [hi, {body: x, id: y}]}, {reply: {}}, {when: {user: 3}, reply: hi}]"
    assert problems(text, contract=witness.contract) == [
        "f.yaml:1:34: stubs[0].replies[1].id: 'id' does not apply to a reply with 'body'",
        (
            "f.yaml:1:52: stubs[1].reply: one of the keys 'output', 'json', 'choices', 'error', "
            "'body', 'events' or 'raw' is missing"
        ),
        (
            "f.yaml:1:71: stubs[2].when.user: expected a string, true, false, or a mapping of equals, "
            "contains, matches, one_of, not, got 3; quote it to make it a string"
        ),
        "f.yaml:1:82: stubs[2].reply: never reported",
    ]
    assert len(witness.asked) == 1


def test_nothing_is_validated_under_defaults_with_problems() -> None:
    witness = Witness(ReplyProblem(message="never reported"))
    text = "defaults: {status: 5}\nstubs: [{reply: hi}]"
    assert problems(text, contract=witness.contract) == [
        "f.yaml:1:20: defaults.status: expected an HTTP status from 200 to 599, got 5"
    ]


DEFAULT_FAULTS = "defaults: {faults: [{linger: 1s}, {throttle: 2}, {cut: {at_byte: 1}}]}\n"


def test_a_fault_of_defaults_is_left_out_where_it_has_no_place() -> None:
    linger, throttle = read_fault({"linger": "1s"}).faults, read_fault({"throttle": 2}).faults
    cut = read_fault({"cut": {"at_byte": 1}}).faults

    def validate(reply: Reply, /, **_around: object) -> tuple[ReplyProblem, ...]:
        lost = reply.faults == linger or isinstance(reply.content, ErrorReply)
        return (ReplyProblem(message="no place", key="faults"),) if lost and reply.faults else ()

    contract = Contract(supported_endpoints=supports_all, validate=validate)
    text = f"{DEFAULT_FAULTS}stubs: [{{replies: [hi, {{error: server_error}}]}}]"
    [stub] = load(text, contract=contract).stubs
    assert [reply.faults for reply in stub.replies] == [throttle + cut, Faults()]


def test_other_problems_do_not_remove_a_fault_of_defaults() -> None:
    text = f"{DEFAULT_FAULTS}stubs: [{{reply: hi}}]"
    assert problems(text, contract=Witness(ReplyProblem(message="bad")).contract) == [
        "f.yaml:2:17: stubs[0].reply: bad"
    ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_problems_of_all_files_are_reported_together(folder: Path) -> None:
    write(folder, s_b="stub: []\n", s_a="a: [\n", s_c=HI)
    (folder / "s" / "d.yaml").write_bytes(b"\xff")
    assert message("s") == (
        "s/a.yaml:2:1: not YAML: expected the node content, but found '<stream end>' while "
        "parsing a flow node that begins at line 2\n"
        "s/b.yaml:1:1: stub: unknown key 'stub'; did you mean 'stubs'?\n"
        "s/d.yaml:1:1: not UTF-8: byte 0xff; save the file as UTF-8"
    )


def test_two_scenarios_of_one_name_are_a_problem(folder: Path) -> None:
    write(folder, s_a=HI, s_deep_a=HI, s_b=f"scenario: a\n{HI}")
    assert message("s") == (
        "s/b.yaml:1:1: scenario: the name 'a' is taken by s/a.yaml; rename one of them\n"
        "s/deep/a.yaml:1:1: scenario: the name 'a' is taken by s/a.yaml; rename one of them"
    )


def test_a_dialect_among_scenarios_is_checked_and_gives_no_scenario(folder: Path) -> None:
    write(
        folder,
        s_own="dialect: own\nextends: openai\n",
        s_deep_a=f"dialect: ../own.yaml\n{HI}",
        s_b=f"dialect: own.yaml\n{HI}",
    )
    scenarios = load_paths(["s"], Dialects())
    assert [(one.name, one.dialect.name) for one in scenarios] == [("b", "own"), ("a", "own")]
    assert scenarios[0].dialect is scenarios[1].dialect
    write(folder, s_own="dialect: own\nextends: openai\nmodles: []\n")
    with pytest.raises(ScenarioError) as caught:
        load_paths(["s/own.yaml"], Dialects())
    assert str(caught.value) == "s/own.yaml:3:1: modles: unknown key; did you mean 'models'?"


def test_a_single_scenario_finds_the_dialect_next_to_it(folder: Path) -> None:
    write(folder, s_own="dialect: own\nextends: openai\n", s_a=f"dialect: own.yaml\n{HI}")
    assert [one.dialect.name for one in load_paths(["s/a.yaml"], Dialects())] == ["own"]


def test_the_shipped_scenarios_load(folder: Path) -> None:
    assert "plain" in {one.name for one in load_paths([shipped()], Dialects())}
