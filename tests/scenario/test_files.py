"""Files of scenarios and dialects: those of the disk, and those of an upload."""

from __future__ import annotations

from pathlib import Path, PurePath

import pytest

from mockserver.errors import UsageError
from tests.kit import Dialects, Disk, UnknownDialectError, UploadedFiles, files, load_paths
from tests.scenario.loading import HI, message, names, write


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_gives_every_scenario_below_it_in_order(folder: Path) -> None:
    write(folder, s_b=HI, s_a=HI, s_deep_c=HI, s_deep_er_d=HI, s_z=HI)
    (folder / "s" / "y.yml").write_text(HI)
    (folder / "s" / "notes.txt").write_text("no scenario")
    (folder / "s" / ".hidden.yaml").write_text("no scenario")
    write(folder / "s" / ".git", config="no scenario")
    assert names("s") == [
        ("a", "s/a.yaml"), ("b", "s/b.yaml"), ("c", "s/deep/c.yaml"), ("d", "s/deep/er/d.yaml"), ("y", "s/y.yml"),
        ("z", "s/z.yaml"),
    ]  # fmt: skip


def test_paths_are_taken_in_their_order_and_each_file_once(folder: Path) -> None:
    write(folder, s_a=HI, s_b=HI)
    (folder / "s" / "c.txt").write_text(HI)
    found = [("b", "s/b.yaml"), ("a", "s/a.yaml"), ("c", "s/c.txt")]
    assert names("s/b.yaml", folder / "s", "./s/../s/a.yaml", "s/c.txt") == found


def test_a_file_elsewhere_is_shown_by_its_whole_path(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
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
def test_links_out_of_the_folders_are_rejected(folder: Path, link: str) -> None:
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
        ("empty", "no scenario in folder 'empty': expected files *.yaml or *.yml"),
        ("a\x00b", "no file or folder 'a\\x00b'"),
    ],
)
def test_a_path_without_scenarios_is_reported_with_the_nearest(folder: Path, path: str, expected: str) -> None:
    write(folder, s_weather=HI)
    (folder / "empty" / "er").mkdir(parents=True)
    with pytest.raises(UsageError) as caught:
        load_paths([path], Dialects())
    assert str(caught.value) == expected


def refuse(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("door", ["is_dir", "open"])
def test_a_file_without_read_permission_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch, door: str) -> None:
    write(folder, a=HI)
    monkeypatch.setattr(Path, door, refuse)
    assert message("a.yaml") == "cannot read 'a.yaml': Permission denied"


def test_where_one_may_not_look_there_is_no_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, a=HI)
    assert files.is_file(folder / "a.yaml")
    monkeypatch.setattr(Path, "is_file", refuse)
    assert not files.is_file(folder / "a.yaml")


def test_a_file_that_is_too_long_is_rejected(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 20)
    write(folder, a=HI + "#")
    assert message("a.yaml") == "a.yaml:1:1: longer than 20 bytes"


def test_a_file_that_vanishes_is_reported(folder: Path) -> None:
    with pytest.raises(UsageError) as caught:
        files.read_file(folder / "gone.yaml")
    assert str(caught.value).endswith("gone.yaml': No such file or directory")


def test_the_shipped_scenarios_of_an_installed_package_are_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PACKAGE", folder / "mockserver")
    assert files.shipped() == folder / "scenarios"
    (folder / "mockserver" / "shipped").mkdir(parents=True)
    assert files.shipped() == folder / "mockserver" / "shipped"


TOP = b"dialect: top\nextends: ../base.yaml\n"
BASE = b"dialect: base\nextends: openai\n"


def uploaded(folder: str = "tests/a") -> UploadedFiles:
    return UploadedFiles(PurePath(folder), {"deep/top.yaml": TOP, "base.yaml": BASE})


@pytest.mark.parametrize("folder", ["tests/a", "/home/user/tests/a", ".", "C:/tests"])
def test_uploaded_files_are_found_from_the_scenario(folder: str) -> None:
    dialects = Dialects([folder], source=uploaded(folder))
    origin = f"{folder}/weather.yaml"
    assert dialects.find("deep/top.yaml", origin=origin).name == "top"
    assert dialects.find("./deep/../base.yaml", origin=origin).name == "base"


@pytest.mark.parametrize("name", ["other.yaml", "../a.yaml", "/etc/passwd", "deep/base.yaml"])
def test_uploads_give_no_other_files(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.yaml").write_bytes(BASE)
    dialects = Dialects(["."], source=uploaded("."))
    with pytest.raises(UnknownDialectError):
        dialects.find(name, origin="weather.yaml")


def test_a_path_that_was_not_uploaded_cannot_be_read() -> None:
    with pytest.raises(UsageError) as refused:
        uploaded().read_file(PurePath("tests/a/./none.yaml"))
    assert str(refused.value) == "no file 'tests/a/none.yaml' was uploaded"


def test_the_disk_keeps_what_was_read(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_bytes(BASE)
    (tmp_path / "unread.yaml").write_bytes(BASE)
    disk = Disk()
    assert Dialects([str(tmp_path)], source=disk).find("base.yaml", origin=f"{tmp_path}/x").name
    assert disk.read == {tmp_path / "base.yaml": BASE}
