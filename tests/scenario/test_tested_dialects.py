"""What a server skips at its start because it is done here: the contracts of the dialects that come
with the package compile, and replies of plain text keep them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.kit import (
    Dialect,
    Dialects,
    Endpoint,
    IdGenerator,
    Output,
    Reply,
    Text,
    build,
    form_of,
    format_schema,
    read_file,
    read_yaml,
    shipped_dialects,
    shipped_schemas,
    supported_endpoints,
)
from tests.kit import validate_validate as validate

DIALECTS = tuple(shipped_dialects())
TEXTS = {
    "a letter": "a", "words": "It is 18 °C in Paris.", "many": "word " * 3000, "one long word": "w" * 5000,
    "white space": " \t\n\r\n ", "controls": "".join(map(chr, range(1, 32))) + "\x7f",
    "marks of JSON": '{"text": ["\\"]}', "marks of SSE": "data: [DONE]\n\nevent: x\n\n: y",
    "many scripts": "häß 漢字 🙂 עברית",
}  # fmt: skip


def said(text: str) -> Reply:
    return Reply(content=Output(choices=((Text(text=text),),)))


def data(name: str) -> object:
    path = shipped_dialects()[name]
    return read_yaml(read_file(path), str(path)).value


@pytest.mark.parametrize("name", DIALECTS)
def test_every_contract_compiles(name: str) -> None:
    value = data(name)
    assert isinstance(value, dict)
    extends = value.get("extends")
    base = Dialects().find(extends) if isinstance(extends, str) else None
    made = build(value, base, shipped_schemas())
    assert (made.name, made.tested) == (name, False)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", DIALECTS)
def test_plain_texts_keep_the_contract_in_every_shape_and_mode(name: str, text: str) -> None:
    dialect = Dialects().find(name)
    assert dialect.tested
    reply = said(text)
    assert form_of(reply) == form_of(said("any"))
    where = supported_endpoints((reply,), dialect)
    assert where.on
    found = validate(
        reply,
        on=where.on,
        shapes=where.shapes,
        when=(),
        dialect=replace(dialect, tested=False),
        ids=IdGenerator(seed=0, scenario="s", stub="t", call=0),
    )
    assert found == ()


class FailingValidator:
    """Fails when it is called."""

    def stream(self, *_: object) -> tuple[()]:
        raise AssertionError("called")

    body = stream


@pytest.mark.parametrize(("tested", "validated"), [(True, False), (False, True)])
def test_only_tested_dialects_skip_the_validation_of_plain_texts(tested: bool, validated: bool) -> None:
    dialect: Dialect = replace(Dialects().find("openai"), replies=FailingValidator(), tested=tested)
    reply = said("a")
    where = supported_endpoints((reply,), dialect)

    def is_validated() -> bool:
        ids = IdGenerator(seed=0, scenario="s", stub="t", call=0)
        try:
            validate(reply, on=where.on, shapes=where.shapes, when=(), dialect=dialect, ids=ids)
        except AssertionError:
            return True
        return False

    assert is_validated() is validated


def test_a_dialect_on_top_of_a_tested_one_is_not_tested() -> None:
    base = Dialects().find("openai")
    assert not build({"dialect": "own", "extends": "openai"}, base).tested


def test_a_form_is_compiled_by_its_first_request() -> None:
    dialect = Dialects().find("smartlink")
    assert dialect.requests is not None
    for _ in range(2):
        assert dialect.requests.judge(Endpoint.RESPONSES, {"model": "m", "input": "hi"}, strict=True) == ()
        [refusal] = dialect.requests.judge(Endpoint.RESPONSES, {"model": "m", "input": 3}, strict=True)
        assert refusal.finding.path == "input"


def test_schemas_are_a_mapping_of_files() -> None:
    schemas = shipped_schemas()
    assert len(schemas) == len(list(schemas)) == len(dict(schemas))
    assert "openai-chat.json" in schemas
    assert schemas["openai-chat.json"] is schemas["openai-chat.json"]
    with pytest.raises(KeyError, match="'openai-chat'"):
        schemas["openai-chat"]
    assert "$defs" in format_schema()
