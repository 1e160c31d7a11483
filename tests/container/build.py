"""The steps of the Dockerfile, carried out in a folder that stands for the root of the image."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.container.dockerfile import Stage, context, read, variables

ROOT = Path(__file__).parents[2]
# Absolute paths in a command: they begin a word or what is quoted in one.
_ABSOLUTE = re.compile(r"""(?<=[\s"'=(])/(?=[a-z])""")


def surroundings() -> dict[str, str]:
    """This process's environment without what would lead a child astray."""
    mine = ("COVERAGE_", "COV_", "MOCKSERVER_", "PYTEST_", "PYTHON", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(mine)}


def interpreter() -> str:
    """A Python that other users of this machine may run as well, else the one that runs this."""
    ours = sys._base_executable  # type: ignore[attr-defined]  # what a venv was made from
    expected = "import sys; sys.exit(sys.version_info < (3, 11))"
    for path in (ours, shutil.which("python3", path="/usr/local/bin:/usr/bin")):
        if path is None or not is_open(Path(path).resolve()):
            continue
        if subprocess.run([path, "-c", expected], check=False).returncode == 0:
            return path
    return str(ours)


def is_open(path: Path) -> bool:
    """Whether any user may reach and read a path."""
    above = all(one.stat().st_mode & stat.S_IXOTH for one in path.parents)
    return above and bool(path.stat().st_mode & stat.S_IROTH)


class Image:
    """What the Dockerfile makes, below `root`; `stage` is its last one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.stages = read((ROOT / "Dockerfile").read_text("utf-8"))
        self.stage = self.stages[-1]
        self.copied: set[str] = set()
        self._context = context(ROOT, (ROOT / ".dockerignore").read_text("utf-8"))
        self._tools = root / "tools"

    def build(self) -> None:
        """Carry out every step that puts something into the image."""
        self._tools.mkdir(parents=True)
        (self._tools / "python").symlink_to(interpreter())
        pip = self._tools / "pip"
        pip.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m pip "$@"\n')
        pip.chmod(0o755)
        for stage in self.stages:
            self._carry_out(stage)

    @property
    def env(self) -> dict[str, str]:
        """The environment of what runs in the container."""
        given = {name: self._placed(f" {value}")[1:] for name, value in variables(self.stage).items()}
        path = given.pop("PATH").replace("$PATH", "/usr/local/bin:/usr/bin:/bin")
        return {**given, "PATH": path}

    @property
    def workdir(self) -> Path:
        """Where what runs in the container starts."""
        return self.path(self.stage.one("WORKDIR"))

    def path(self, inside: str) -> Path:
        """A path of the image on this machine."""
        return self.root / inside.lstrip("/")

    def _placed(self, text: str) -> str:
        return _ABSOLUTE.sub(f"{self.root}/", text)

    def _carry_out(self, stage: Stage) -> None:
        workdir = self.root
        for instruction in stage.instructions:
            match instruction.word:
                case "WORKDIR":
                    workdir = self.path(instruction.text)
                    workdir.mkdir(parents=True, exist_ok=True)
                case "COPY":
                    self._copy(instruction.text, workdir)
                case "RUN" if "useradd" not in instruction.text:
                    self._run(instruction.text, workdir)

    def _copy(self, text: str, workdir: Path) -> None:
        *sources, target = text.split()
        if sources[0].startswith("--from="):
            # One file system stands for all stages here.
            assert sources[1:] == [target]
            assert self.path(target).exists()
            return
        for source in sources:
            for file in self._files(source):
                self.copied.add(file)
                beside = len(sources) > 1 or file == source
                name = Path(file).name if beside else Path(file).relative_to(source).as_posix()
                place = (workdir / target / name) if not target.startswith("/") else (self.path(target) / name)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / file, place)

    def _files(self, source: str) -> Iterator[str]:
        found = [one for one in self._context if one == source or one.startswith(f"{source}/")]
        assert found, f"the build would not see {source!r}"
        yield from sorted(found)

    def _run(self, text: str, workdir: Path) -> None:
        env = {**surroundings(), "PATH": f"{self._tools}:{os.environ['PATH']}"}
        done = subprocess.run(
            ["sh", "-euc", self._placed(f" {text}")], cwd=workdir, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"


def snapshot(folder: Path) -> Mapping[str, tuple[int, int]]:
    """Every file below a folder with its size and time of change."""
    return {
        path.relative_to(folder).as_posix(): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
    }
