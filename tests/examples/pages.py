"""The written pages, and the blocks of code in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = tuple(
    path.relative_to(ROOT).as_posix()
    for path in (
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
        *sorted((ROOT / "docs").glob("**/*.md")),
    )
)
_BLOCK = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r'title="([^"]+)"')
# A comment on the first line names the file too: `# weather.yaml: what it is about`.
_NAMED = re.compile(r"# ([\w-]+\.yaml)\b")


@dataclass(frozen=True, kw_only=True)
class Block:
    """`line` is the fence's, from 1; `name` is the file's, where one is given."""

    page: str
    line: int
    language: str
    name: str | None
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def text_of(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def _block(page: str, found: re.Match[str]) -> Block:
    info, text = found["info"], found["text"]
    language = info.partition(" ")[0]
    title = _TITLE.search(info)
    if title is None and language == "yaml":
        title = _NAMED.match(text)
    return Block(
        page=page,
        line=found.string.count("\n", 0, found.start()) + 1,
        language=language,
        name=None if title is None else title[1],
        text=text,
    )


BLOCKS = tuple(_block(page, found) for page in PAGES for found in _BLOCK.finditer(text_of(page)))


def of(*languages: str) -> tuple[Block, ...]:
    return tuple(block for block in BLOCKS if block.language in languages)


def beside(page: str, folder: Path, *, others: bool = False) -> None:
    """Write the named scenarios of a page into a folder, behind those of the other pages if
    they are needed too."""
    named = [block for block in BLOCKS if block.name and block.language == "yaml"]
    for block in sorted(named, key=lambda block: block.page == page):
        if others or block.page == page:
            (folder / str(block.name)).write_text(block.text, "utf-8")


def table(page: str, head: str) -> list[list[str]]:
    """The cells of a table's rows, the table found by the first cell of its head."""
    rows: list[list[str]] = []
    inside = False
    for line in text_of(page).splitlines():
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not cells:
            if inside:
                return rows
        elif inside:
            rows.extend([] if set(cells[0]) <= set("-:") else [cells])
        elif cells[0] == head:
            inside = True
    assert inside, f"{page}: no table with the head {head!r}"
    return rows


def quoted(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)
