"""Short ways to load scenarios in tests, with a dialect and a contract that are always content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import pytest

from mockserver.errors import MockServerError, ScenarioError
from tests.kit import (
    ENDPOINTS,
    SHAPES,
    CatalogueEntry,
    Dialect,
    Dialects,
    Reply,
    ReplyProblem,
    Scenario,
    Stub,
    SupportedEndpoints,
    UnknownDialectError,
    load_paths,
    load_text,
)
from tests.kit import cursor_unknown as unknown
from tests.kit import load as loader

ERRORS = ("rate_limited", "server_error", "overloaded")
OPENAI = Dialect(
    name="openai", catalogue={name: CatalogueEntry(name=name, about="", status=429, members={}) for name in ERRORS}
)


class OneDialect:
    """Knows `openai`, and a dialect whose own file is broken."""

    def find(self, name: str, *, origin: str | None = None) -> Dialect:
        if name == "openai":
            return OPENAI
        if name == "broken.yaml":
            raise ScenarioError([])
        raise UnknownDialectError(unknown("dialect", name, ["openai"]))


def supports_all(_replies: Sequence[Reply], _dialect: Dialect) -> SupportedEndpoints:
    return SupportedEndpoints(on=ENDPOINTS.scripted, shapes=SHAPES.names, why_not={})


def finds_nothing(_reply: Reply, **_around: object) -> tuple[ReplyProblem, ...]:
    return ()


class Contract(NamedTuple):
    """What `scenario.load` uses of the pipeline."""

    supported_endpoints: Callable[[Sequence[Reply], Dialect], SupportedEndpoints] = supports_all
    validate: Callable[..., tuple[ReplyProblem, ...]] = finds_nothing

    def used(self) -> AbstractContextManager[object]:
        """A context in which scenarios are validated by this contract."""
        return patch.multiple(loader, **self._asdict())


CONTENT = Contract()


def load(text: str | bytes, *, contract: Contract = CONTENT) -> Scenario:
    with contract.used():
        return load_text(text, "f.yaml", OneDialect())


def load_stub(text: str) -> Stub:
    """The only stub of a file that begins with `stubs:`, whose lines are given."""
    [stub] = load(f"stubs:\n  - {text}").stubs
    return stub


def load_reply(text: str) -> Reply:
    """The only reply of a stub, given in flow style."""
    [reply] = load_stub(f"reply: {text}").replies
    return reply


def problems(text: str | bytes, *, contract: Contract = CONTENT) -> list[str]:
    """Every problem of a file, none when it loads."""
    try:
        load(text, contract=contract)
    except ScenarioError as error:
        return [str(problem) for problem in error.problems]
    return []


HI = "stubs: [{reply: hi}]\n"


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
