"""Dialect files that were sent along are found as those on the disk are, and lead nowhere else."""

from __future__ import annotations

from pathlib import Path, PurePath

import pytest

from mockserver.errors import UsageError
from mockserver.scenario.dialects import Dialects, UnknownDialectError
from mockserver.scenario.files import Disk, UploadedFiles

TOP = b"dialect: top\nextends: ../base.yaml\n"
BASE = b"dialect: base\nextends: openai\n"


def sent(folder: str = "tests/a") -> UploadedFiles:
    return UploadedFiles(PurePath(folder), {"deep/top.yaml": TOP, "base.yaml": BASE})


@pytest.mark.parametrize("folder", ["tests/a", "/home/user/tests/a", ".", "C:/tests"])
def test_files_that_were_sent_are_found_from_the_scenario(folder: str) -> None:
    dialects = Dialects([folder], source=sent(folder))
    origin = f"{folder}/weather.yaml"
    assert dialects.find("deep/top.yaml", origin=origin).name == "top"
    assert dialects.find("./deep/../base.yaml", origin=origin).name == "base"


@pytest.mark.parametrize("name", ["other.yaml", "../a.yaml", "/etc/passwd", "deep/base.yaml"])
def test_nothing_else_is_found(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.yaml").write_bytes(BASE)
    dialects = Dialects(["."], source=sent("."))
    with pytest.raises(UnknownDialectError):
        dialects.find(name, origin="weather.yaml")


def test_a_path_that_was_not_sent_cannot_be_read() -> None:
    with pytest.raises(UsageError) as refused:
        sent().read_file(PurePath("tests/a/./none.yaml"))
    assert str(refused.value) == "no file 'tests/a/none.yaml' was uploaded"


def test_the_disk_remembers_what_was_read(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_bytes(BASE)
    (tmp_path / "unread.yaml").write_bytes(BASE)
    disk = Disk()
    assert Dialects([str(tmp_path)], source=disk).find("base.yaml", origin=f"{tmp_path}/x").name
    assert disk.read == {tmp_path / "base.yaml": BASE}
