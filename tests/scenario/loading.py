"""Short ways to load scenarios in tests, with a dialect and a contract that are always content."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from mockserver.errors import MockServerError, ScenarioError
from mockserver.model.cursor import unknown
from mockserver.model.dialect import CatalogueEntry, Dialect
from mockserver.model.endpoint import ENDPOINTS, SHAPES
from mockserver.model.reply import Reply
from mockserver.model.stub import Scenario, Stub
from mockserver.pipeline.validate import ReplyProblem, SupportedEndpoints
from mockserver.scenario.dialects import Dialects, UnknownDialectError
from mockserver.scenario.load import load_paths, load_text
from mockserver.scenario.stubs import Validator

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


CONTENT = Validator(supported_endpoints=supports_all, validate=finds_nothing)


def load(text: str | bytes, *, contract: Validator = CONTENT) -> Scenario:
    return load_text(text, "f.yaml", OneDialect(), contract=contract)


def load_stub(text: str) -> Stub:
    """The only stub of a file that begins with `stubs:`, whose lines are given."""
    [stub] = load(f"stubs:\n  - {text}").stubs
    return stub


def load_reply(text: str) -> Reply:
    """The only reply of a stub, given in flow style."""
    [reply] = load_stub(f"reply: {text}").replies
    return reply


def problems(text: str | bytes, *, contract: Validator = CONTENT) -> list[str]:
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
