"""Writes docs/client-faults.md, one table of clients and faults, from the tables of docs/clients.md."""

# The rows of a table in Markdown are long.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.clients.clients import CLIENTS, ROOT

SOURCE = ROOT / "docs" / "clients.md"
PAGE = ROOT / "docs" / "client-faults.md"
GROUPS = ("HTTP answers", "Errors inside a 200 stream", "Transport")

HEAD = """\
---
hide: [toc]
---

# Clients and faults

What each client makes of each fault, in one word; `make client-table` derives this page from
[real clients](clients.md), which has the outcomes in full, the versions, and what each way to call does.

| outcome | meaning |
|---|---|
| <span class="outcome error">error</span> | the client raises an error |
| <span class="outcome status">status</span> | no error; a status such as `failed` or `incomplete` tells that the reply is not complete |
| <span class="outcome complete">complete</span> | the client presents the complete text |
| <span class="outcome silent">silent</span> | the client presents a part of the text, or nothing, as if it were complete |
| <span class="outcome mixed">mixed</span> | depends on how the client is called, or on a race inside it |

A number is that of the requests per call, where it is not 1.
"""


def kind(outcome: str) -> str:
    """The word for one outcome, its way and its number of requests already removed."""
    if not outcome.startswith(("text", "data", "part of the text", "nothing")):
        return "error"
    if re.search(r"\b(error|failed|incomplete|in_progress|length|content_filter|cancelled)\b", outcome):
        return "status"
    return "complete" if outcome.startswith(("text", "data")) else "silent"


def cell(text: str) -> str:
    """A cell of the page on real clients in one word, with the number of requests."""
    kinds, counts = set(), set()
    for line in re.split(r"<br>| or ", text):
        outcome = re.sub(r"^[a-z-]+(, [a-z-]+)*: ", "", line)
        kinds.add(kind(outcome))
        counts.update(re.findall(r"\((\d+)\)", outcome))
    word = kinds.pop() if len(kinds) == 1 else "mixed"
    count = "–".join(sorted(counts, key=int)[:: max(1, len(counts) - 1)])
    return f'<span class="outcome {word}">{word}</span>' + (f" {count}" if count not in ("", "1") else "")


def outcomes() -> dict[str, dict[str, dict[str, str]]]:
    """The cells of the page on real clients by group, case and client."""
    found: dict[str, dict[str, dict[str, str]]] = {group: {} for group in GROUPS}
    group = client = ""
    for line in SOURCE.read_text("utf-8").splitlines():
        if line.startswith("### "):
            group, _, client = line.removeprefix("### ").partition(": ")
        elif group in found and line.startswith("| ") and not line.startswith("| case |"):
            case, outcome, *_ = (part.strip() for part in re.split(r"(?<!\\)\|", line)[1:-1])
            found[group].setdefault(case, {})[client] = cell(outcome)
    return found


def page() -> Iterator[str]:
    yield HEAD
    titles = [client.title for client in CLIENTS]
    for group, cases in outcomes().items():
        yield f"\n## {group}\n"
        yield f"| case | {' | '.join(title.partition(',')[0] for title in titles)} |"
        yield "|---" * (len(titles) + 1) + "|"
        for case, by_client in cases.items():
            yield f"| {case} | {' | '.join(by_client.get(title, '') for title in titles)} |"


def write() -> None:
    PAGE.write_text("\n".join(page()) + "\n", "utf-8")


if __name__ == "__main__":
    write()
