"""The curl lines of the pages, understood and sent without curl."""

from __future__ import annotations

import shlex
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(kw_only=True)
class Curl:
    method: str | None = None
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    data: bytes | None = None


def read(command: str, folder: Path) -> Curl:
    """Understand a command line; files are read from `folder`. A flag unknown here raises."""
    found = Curl()
    words = iter(shlex.split(command)[1:])
    for word in words:
        match word:
            case "-X" | "--request":
                found.method = next(words)
            case "-H" | "--header":
                name, _, value = next(words).partition(":")
                found.headers[name.strip()] = value.strip()
            case "-d" | "--data" | "--data-binary":
                value = next(words)
                at = value.startswith("@")
                found.data = (folder / value[1:]).read_bytes() if at else value.encode()
            case "-s" | "-N" | "-siN" | "-i":
                pass
            case _ if word.startswith("-"):
                raise ValueError(f"unknown flag {word!r} in {command!r}")
            case _:
                found.url = word
    return found


def send(result: Curl) -> tuple[int, bytes]:
    request = urllib.request.Request(result.url, result.data, result.headers, method=result.method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
