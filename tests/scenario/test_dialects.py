"""Dialects by name and by path: what is found, what is built, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.errors import ScenarioError
from tests.kit import ENDPOINTS, Dialects, Endpoint, ErrorRef, UnknownDialectError, is_dialect, load_text, read_yaml

OWN = """\
dialect: own
extends: openai
models: [only-one]
errors:
  out_of_credit: {status: 402, message: no credit left, code: 4020}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios" / "deep").mkdir(parents=True)
    (tmp_path / "scenarios" / "own.yaml").write_text(OWN)
    (tmp_path / "outside.yaml").write_text(OWN)
    return tmp_path


@pytest.fixture
def dialects(folder: Path) -> Dialects:
    return Dialects([str(folder / "scenarios")])


def problems(dialects: Dialects, name: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        dialects.find(name)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("name", "endpoints"),
    [
        ("openai", {*ENDPOINTS.scripted, *(one for one in ENDPOINTS.names if ENDPOINTS[one].stateful)}),
        ("visioncoder", set(ENDPOINTS.scripted)),
        ("smartlink", {Endpoint.RESPONSES}),
        ("apifox", {Endpoint.RESPONSES}),
    ],
)
def test_dialects_that_come_along_are_found_by_name(name: str, endpoints: set[Endpoint]) -> None:
    dialect = Dialects().find(name, origin="anything.yaml")
    assert dialect.name == name
    assert {route.endpoint for route in dialect.routes} == endpoints
    assert dialect.replies is not None
    assert dialect.requests is not None
    assert Dialects().find(name) is dialect


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("opnai", "unknown dialect 'opnai'; did you mean 'openai'?"),
        ("", "unknown dialect ''; known are apifox, azure, openai, smartlink, visioncoder"),
        ("..", "unknown dialect '..'; known are apifox, azure, openai, smartlink, visioncoder"),
    ],
)
def test_an_unknown_dialect_is_reported_with_the_nearest_name(name: str, expected: str) -> None:
    with pytest.raises(UnknownDialectError) as caught:
        Dialects().find(name)
    assert str(caught.value) == expected


def test_a_file_next_to_the_scenario_is_a_dialect_that_extends_another(dialects: Dialects, folder: Path) -> None:
    found = dialects.find("own.yaml", origin=str(folder / "scenarios" / "weather.yaml"))
    openai = dialects.find("openai")
    assert (found.name, found.models) == ("own", ({"id": "only-one", "object": "model"},))
    assert found.routes == openai.routes
    assert found.catalogue["rate_limited"] == openai.catalogue["rate_limited"]
    assert found.catalogue["out_of_credit"].status == 402


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("own.yaml", "scenarios/weather.yaml"),
        ("./own.yaml", "scenarios/weather.yaml"),
        ("../own.yaml", "scenarios/deep/weather.yaml"),
        ("deep/../own.yaml", "scenarios/weather.yaml"),
        ("own.yaml", "scenarios/deep/weather.yaml"),
        ("own.yaml", "upload.yaml"),
        ("own.yaml", "/somewhere/else/weather.yaml"),
    ],
)
def test_a_path_is_searched_next_to_the_file_and_in_the_folders(dialects: Dialects, name: str, origin: str) -> None:
    assert dialects.find(name, origin=origin).name == "own"


@pytest.mark.parametrize(
    ("name", "origin", "expected"),
    [
        ("../outside.yaml", "scenarios/weather.yaml",
            ("no dialect file '../outside.yaml' in the folders of the scenarios")),
        ("outside.yaml", "weather.yaml", "no dialect file 'outside.yaml': there is no 'scenarios/outside.yaml'"),
        ("onw.yaml", "scenarios/deep/weather.yaml",
            ("no dialect file 'onw.yaml': there is no 'scenarios/deep/onw.yaml' or 'scenarios/onw.yaml'")),
        ("/etc/passwd", "scenarios/weather.yaml",
            "dialect '/etc/passwd': expected a path relative to the file that names it"),
        ("deep/", "scenarios/weather.yaml", "no dialect file 'deep/': there is no 'scenarios/deep'"),
        ("a\x00/b", "scenarios/weather.yaml", "no dialect file 'a\\x00/b': there is no 'scenarios/a\\x00/b'"),
    ],
)  # fmt: skip
def test_no_path_leaves_the_folders(dialects: Dialects, name: str, origin: str, expected: str) -> None:
    with pytest.raises(UnknownDialectError) as caught:
        dialects.find(name, origin=origin)
    assert str(caught.value) == expected


@pytest.mark.parametrize("name", ["link.yaml", "linked/outside.yaml", "deep/../link.yaml"])
def test_no_link_leaves_the_folders(dialects: Dialects, folder: Path, name: str) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "outside.yaml").write_text(OWN)
    (folder / "scenarios" / "link.yaml").symlink_to(folder / "outside.yaml")
    (folder / "scenarios" / "linked").symlink_to(folder / "elsewhere")
    with pytest.raises(UnknownDialectError, match="in the folders of the scenarios"):
        dialects.find(name, origin="scenarios/weather.yaml")
    dialects.allow_folder(str(folder))
    assert dialects.find(name, origin="scenarios/weather.yaml").name == "own"


def test_links_within_the_folders_are_followed(dialects: Dialects, folder: Path) -> None:
    """A mounted config map is made of them, and the folder itself may be one."""
    (folder / "scenarios" / "..data").symlink_to("deep")
    (folder / "scenarios" / "deep" / "mine.yaml").write_text(OWN)
    (folder / "scenarios" / "mine.yaml").symlink_to("..data/mine.yaml")
    assert dialects.find("mine.yaml", origin="scenarios/weather.yaml").name == "own"
    (folder / "alias").symlink_to(folder / "scenarios")
    trusting = Dialects([str(folder / "alias")])
    assert trusting.find("own.yaml", origin="alias/weather.yaml").name == "own"


def test_no_schema_comes_in_by_a_link(folder: Path) -> None:
    (folder / "outside.json").write_text("{}")
    (folder / "scenarios" / "inside.json").symlink_to(folder / "outside.json")
    text = "dialect: own\nextends: openai\nrequests:\n  chat: inside.json"
    (folder / "scenarios" / "own.yaml").write_text(text)
    [found] = problems(Dialects(), "scenarios/own.yaml")
    assert found.startswith("scenarios/own.yaml:4:9: requests.chat: no schema file 'inside.json'")


def test_a_path_given_by_the_user_may_be_anywhere_and_its_folder_is_allowed(folder: Path) -> None:
    dialects = Dialects()
    own = dialects.find(str(folder / "outside.yaml"))
    assert dialects.find("outside.yaml", origin="upload.yaml") is own
    assert dialects.find("outside.yaml") is own


def test_a_file_is_read_again_only_when_it_changes(dialects: Dialects, folder: Path) -> None:
    first = dialects.find("own.yaml", origin="scenarios/a.yaml")
    assert dialects.find("own.yaml", origin="scenarios/b.yaml") is first
    (folder / "scenarios" / "own.yaml").write_text(OWN.replace("only-one", "another"))
    assert dialects.find("own.yaml", origin="scenarios/a.yaml").models != first.models


def test_dialects_may_pile_up(dialects: Dialects, folder: Path) -> None:
    (folder / "scenarios" / "deep" / "top.yaml").write_text("dialect: top\nextends: ../own.yaml\nabout: on top\n")
    top = dialects.find("deep/top.yaml", origin="scenarios/a.yaml")
    assert (top.name, top.about) == ("top", "on top")
    assert "out_of_credit" in top.catalogue


def test_a_dialect_without_a_base_has_only_its_own_data(dialects: Dialects, folder: Path) -> None:
    (folder / "scenarios" / "bare.yaml").write_text(
        "dialect: bare\nroutes: {/v1/responses: {endpoint: responses, shape: responses}}\n"
    )
    bare = dialects.find("bare.yaml", origin="scenarios/a.yaml")
    assert ([route.path for route in bare.routes], dict(bare.catalogue)) == (["/v1/responses"], {})


def test_request_schemas_may_lie_next_to_the_dialect(dialects: Dialects, folder: Path) -> None:
    (folder / "scenarios" / "own.yaml").write_text(f"{OWN}requests: {{chat: own.json}}\n")
    (folder / "scenarios" / "own.json").write_text(
        '{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",'
        ' "properties": {"model": {"type": "string", "maxLength": 3}}}'
    )
    own = dialects.find("own.yaml", origin="scenarios/a.yaml")
    assert own.requests is not None
    assert own.requests.judge(Endpoint.CHAT, {"model": "abc"}, strict=False) == ()
    assert len(own.requests.judge(Endpoint.CHAT, {"model": "abcd"}, strict=False)) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a", "scenarios/own.yaml:1:1: expected a mapping, got a list of 1"),
        ("dialect: own\ndialect: own", None),
        ("a: [", None),
        ("extends: openai", "scenarios/own.yaml:1:1: dialect: expected a string, got null"),
        ("dialect: own\nexteds: openai", "scenarios/own.yaml:2:1: exteds: unknown key; did you mean 'extends'?"),
        ("dialect: own\nextends: opnai",
            "scenarios/own.yaml:2:10: extends: unknown dialect 'opnai'; did you mean 'openai'?"),
        ("dialect: own\nextends: own.yaml", "scenarios/own.yaml:2:10: extends: dialect 'own.yaml' extends itself"),
        ("dialect: own\nextends: ../outside.yaml",
            ("scenarios/own.yaml:2:10: extends: no dialect file '../outside.yaml' in the folders of the scenarios")),
        ("dialect: own\nextends: openai\nmodels:\n  - id: 3",
            "scenarios/own.yaml:4:9: models[0].id: expected a string, got 3"),
        ("dialect: own\nextends: openai\ncontract:\n  kinds:\n    response: {onyl: true}",
            "scenarios/own.yaml:5:16: contract.kinds.response.onyl: unknown key; did you mean 'only'?"),
        ("dialect: own\nextends: openai\ncontract:\n  forgives: [nothing]",
            "scenarios/own.yaml:4:13: contract.forgives: no rule 'nothing'"),
        ("dialect: own\nextends: openai\nrequests:\n  chat: opnai-chat.json",
            ("scenarios/own.yaml:4:9: requests.chat: no schema file 'opnai-chat.json'; "
            "did you mean 'openai-chat.json'?")),
        ("dialect: own\nextends: openai\nrequests:\n  chat: ../outside.json",
            "scenarios/own.yaml:4:9: requests.chat: no schema file '../outside.json'"),
        ("dialect: own\nextends: openai\nrequests:\n  chat: broken.json",
            "scenarios/own.yaml:4:9: requests.chat: 'broken.json' is no JSON: empty"),
    ],
)  # fmt: skip
def test_a_problem_of_a_dialect_file_has_its_position(folder: Path, text: str, expected: str | None) -> None:
    (folder / "scenarios" / "own.yaml").write_text(text)
    (folder / "scenarios" / "broken.json").write_text("")
    (folder / "outside.json").write_text("{}")
    found = problems(Dialects(), "scenarios/own.yaml")
    assert len(found) == 1
    assert expected is None or found[0].startswith(expected)


def test_a_cycle_of_dialects_is_reported_where_it_closes(folder: Path) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        (folder / "scenarios" / f"{one}.yaml").write_text(f"dialect: {one}\nextends: {other}.yaml\n")
    assert problems(Dialects(), "scenarios/a.yaml") == [
        "scenarios/b.yaml:2:10: extends: dialect 'a.yaml' extends itself"
    ]


def test_a_scenario_has_the_dialect_next_to_it(dialects: Dialects) -> None:
    text = "dialect: own.yaml\nstubs:\n  - reply: {error: out_of_credit}\n"
    scenario = load_text(text, "scenarios/poor.yaml", dialects)
    assert scenario.dialect.name == "own"
    error = scenario.dialect.error(ErrorRef(name="out_of_credit"), scenario.stubs[0].shapes[0])
    assert (error.status, error.code) == (402, 4020)


def test_a_missing_dialect_is_a_problem_of_the_scenario(dialects: Dialects) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text("stubs: [{reply: hi}]\ndialect: none.yaml", "scenarios/a.yaml", dialects)
    assert str(caught.value) == (
        "scenarios/a.yaml:2:10: dialect: no dialect file 'none.yaml': there is no 'scenarios/none.yaml'"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OWN, True), ("{dialect: own, routes: {}}", True), ("{dialect: own, stubs: []}", False),
        ("{extends: own, stubs: []}", False), ("{dialect: own}", False), ("[extends]", False), ("", False),
    ],
)  # fmt: skip
def test_a_file_is_a_dialect_or_a_scenario_by_its_keys(text: str, *, expected: bool) -> None:
    assert is_dialect(read_yaml(text, "f.yaml")) is expected
