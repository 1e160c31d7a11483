"""Paths of the command line, and the scenarios below them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.errors import MockServerError, ScenarioError, UsageError
from mockserver.scenario import files
from mockserver.scenario.dialects import Dialects
from mockserver.scenario.load import load_paths, shipped

HI = "stubs: [{reply: hi}]\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, **texts: str) -> None:
    """Files by name, with `_` for `/` and `.yaml` behind."""
    for name, text in texts.items():
        path = folder / f"{name.replace('_', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def names(*paths: str | Path) -> list[tuple[str, str]]:
    return [(one.name, one.origin) for one in load_paths(paths, Dialects())]


def message(*paths: str | Path) -> str:
    with pytest.raises(MockServerError) as caught:
        load_paths(paths, Dialects())
    return str(caught.value)


def test_a_folder_gives_every_scenario_below_it_in_order(folder: Path) -> None:
    write(folder, s_b=HI, s_a=HI, s_deep_c=HI, s_deep_er_d=HI, s_z=HI)
    (folder / "s" / "y.yml").write_text(HI)
    (folder / "s" / "notes.txt").write_text("no scenario")
    (folder / "s" / ".hidden.yaml").write_text("no scenario")
    write(folder / "s" / ".git", config="no scenario")
    assert names("s") == [
        ("a", "s/a.yaml"),
        ("b", "s/b.yaml"),
        ("c", "s/deep/c.yaml"),
        ("d", "s/deep/er/d.yaml"),
        ("y", "s/y.yml"),
        ("z", "s/z.yaml"),
    ]


def test_paths_are_taken_in_their_order_and_each_file_once(folder: Path) -> None:
    write(folder, s_a=HI, s_b=HI)
    (folder / "s" / "c.txt").write_text(HI)
    found = [("b", "s/b.yaml"), ("a", "s/a.yaml"), ("c", "s/c.txt")]
    assert names("s/b.yaml", folder / "s", "./s/../s/a.yaml", "s/c.txt") == found


def test_a_file_elsewhere_is_shown_by_its_whole_path(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    write(elsewhere, a=HI)
    assert names(elsewhere) == [("a", (elsewhere / "a.yaml").as_posix())]


def test_links_within_a_folder_are_followed_and_circles_end(folder: Path) -> None:
    write(folder, s_real_a=HI)
    (folder / "s" / "data").symlink_to("real")
    (folder / "s" / "loop").symlink_to(folder / "s")
    (folder / "s" / "b.yaml").symlink_to(folder / "s" / "real" / "a.yaml")
    assert names("s") == [("b", "s/b.yaml"), ("a", "s/data/a.yaml")]


@pytest.mark.parametrize("link", ["s/b.yaml", "s/data"])
def test_links_out_of_the_folders_are_refused(folder: Path, link: str) -> None:
    write(folder, real_a=HI, s_c=HI)
    target = folder / "real" / ("a.yaml" if link.endswith(".yaml") else "")
    (folder / link).symlink_to(target)
    file = "s/b.yaml" if link.endswith(".yaml") else "s/data/a.yaml"
    assert message("s") == (
        f"{file!r} lies outside of folder 's', behind a link to "
        f"{(folder / 'real' / 'a.yaml').as_posix()!r}: name that instead"
    )
    assert names("s/c.yaml", file) == [("c", "s/c.yaml"), (Path(file).stem, file)]


def test_the_folders_of_a_mounted_config_map_count_once(folder: Path) -> None:
    write(folder / "s" / "..2026_01_01", a=HI)
    (folder / "s" / "..data").symlink_to("..2026_01_01")
    (folder / "s" / "a.yaml").symlink_to("..data/a.yaml")
    assert names("s") == [("a", "s/a.yaml")]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("s/weathr.yaml", "no file or folder 's/weathr.yaml'; did you mean 's/weather.yaml'?"),
        ("s/weather", "no file or folder 's/weather'; did you mean 's/weather.yaml'?"),
        ("z", "no file or folder 'z'"),
        ("no/such/thing", "no file or folder 'no/such/thing'"),
        ("s/weather.yaml/x", "no file or folder 's/weather.yaml/x'"),
        ("empty", "no scenario in folder 'empty': wanted files *.yaml or *.yml"),
        ("a\x00b", "no file or folder 'a\\x00b'"),
    ],
)
def test_a_path_without_scenarios_is_told_with_the_nearest(
    folder: Path, path: str, expected: str
) -> None:
    write(folder, s_weather=HI)
    (folder / "empty" / "er").mkdir(parents=True)
    with pytest.raises(UsageError) as caught:
        load_paths([path], Dialects())
    assert str(caught.value) == expected


def refuse(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("door", ["is_dir", "open"])
def test_a_file_that_may_not_be_read_is_told_as_such(
    folder: Path, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    write(folder, a=HI)
    monkeypatch.setattr(Path, door, refuse)
    assert message("a.yaml") == "cannot read 'a.yaml': Permission denied"


def test_where_one_may_not_look_there_is_no_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, a=HI)
    assert files.is_file(folder / "a.yaml")
    monkeypatch.setattr(Path, "is_file", refuse)
    assert not files.is_file(folder / "a.yaml")


def test_a_file_too_long_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 20)
    write(folder, a=HI + "#")
    assert message("a.yaml") == "a.yaml:1:1: longer than 20 bytes"


def test_a_file_that_vanishes_is_told_as_such(folder: Path) -> None:
    with pytest.raises(UsageError) as caught:
        files.read_file(folder / "gone.yaml")
    assert str(caught.value).endswith("gone.yaml': No such file or directory")


def test_problems_of_all_files_are_told_at_once(folder: Path) -> None:
    write(folder, s_b="stub: []\n", s_a="a: [\n", s_c=HI)
    (folder / "s" / "d.yaml").write_bytes(b"\xff")
    assert message("s") == (
        "s/a.yaml:2:1: not YAML: expected the node content, but found '<stream end>' while "
        "parsing a flow node that begins at line 2\n"
        "s/b.yaml:1:1: stub: unknown key 'stub'; did you mean 'stubs'?\n"
        "s/d.yaml:1:1: not UTF-8: byte 0xff; save the file as UTF-8"
    )


def test_two_scenarios_of_one_name_are_refused(folder: Path) -> None:
    write(folder, s_a=HI, s_deep_a=HI, s_b=f"scenario: a\n{HI}")
    assert message("s") == (
        "s/b.yaml:1:1: scenario: the name 'a' is taken by s/a.yaml; rename one of them\n"
        "s/deep/a.yaml:1:1: scenario: the name 'a' is taken by s/a.yaml; rename one of them"
    )


def test_a_dialect_among_scenarios_is_proven_and_gives_none(folder: Path) -> None:
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


def test_a_scenario_loaded_alone_finds_the_dialect_beside_it(folder: Path) -> None:
    write(folder, s_own="dialect: own\nextends: openai\n", s_a=f"dialect: own.yaml\n{HI}")
    assert [one.dialect.name for one in load_paths(["s/a.yaml"], Dialects())] == ["own"]


def test_the_shipped_scenarios_load(folder: Path) -> None:
    assert "plain" in {one.name for one in load_paths([shipped()], Dialects())}


def test_the_shipped_scenarios_of_an_installed_package_are_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PACKAGE", folder / "mockserver")
    assert files.shipped() == folder / "scenarios"
    (folder / "mockserver" / "shipped").mkdir(parents=True)
    assert files.shipped() == folder / "mockserver" / "shipped"
