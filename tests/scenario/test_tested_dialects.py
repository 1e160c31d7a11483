"""What a server leaves out at its start because it was done here: the contracts of the dialects
that come with the package compile, and the plainest replies keep them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockserver.contract.dialect_loader import build
from mockserver.items import Refusal, Text
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import Endpoint
from mockserver.model.ids import IdGenerator
from mockserver.model.reply import ErrorRef, ErrorReply, Output, Pace, Reply
from mockserver.pipeline.validate import plain, supported_endpoints, validate
from mockserver.scenario.dialects import Dialects
from mockserver.scenario.files import format_schema, read_file, shipped_dialects, shipped_schemas
from mockserver.scenario.yaml_nodes import read_yaml

DIALECTS = tuple(shipped_dialects())
TEXTS = {
    "a letter": "a",
    "words": "It is 18 °C in Paris.",
    "many": "word " * 3000,
    "one long word": "w" * 5000,
    "white space": " \t\n\r\n ",
    "controls": "".join(map(chr, range(1, 32))) + "\x7f",
    "marks of JSON": '{"text": ["\\"]}',
    "marks of SSE": "data: [DONE]\n\nevent: x\n\n: y",
    "many scripts": "häß 漢字 🙂 עברית",
}


def said(text: str) -> Reply:
    return Reply(content=Output(choices=((Text(text=text),),)))


def data(name: str) -> object:
    path = shipped_dialects()[name]
    return read_yaml(read_file(path), str(path)).value


@pytest.mark.parametrize("name", DIALECTS)
def test_every_contract_compiles(name: str) -> None:
    told = data(name)
    assert isinstance(told, dict)
    extends = told.get("extends")
    base = Dialects().find(extends) if isinstance(extends, str) else None
    made = build(told, base, shipped_schemas())
    assert (made.name, made.tested) == (name, False)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", DIALECTS)
def test_plain_replies_keep_the_contract_in_every_way_they_can_be_asked_for(
    name: str, text: str
) -> None:
    dialect = Dialects().find(name)
    assert dialect.tested
    reply = said(text)
    assert plain(reply)
    where = supported_endpoints((reply,), dialect)
    assert where.on
    found = validate(
        reply,
        on=where.on,
        shapes=where.shapes,
        when=(),
        dialect=replace(dialect, tested=False),
        mint=IdGenerator(seed=0, scenario="s", stub="t", call=0),
    )
    assert found == ()


@pytest.mark.parametrize(
    ("reply", "is_plain"),
    [
        (said("a"), True),
        (replace(said("a"), pace=Pace(first_s=1)), True),
        (said(""), False),
        (said("\ud800"), False),
        (replace(said("a"), templated=True), False),
        (replace(said("a"), breaks=("chat.done",)), False),
        (replace(said("a"), status=201), False),
        (Reply(content=Output(choices=((Text(text="a", phase="final"),),))), False),
        (Reply(content=Output(choices=((Text(text="a"),),), model="m")), False),
        (Reply(content=Output(choices=((Text(text="a"),), (Text(text="b"),)))), False),
        (Reply(content=Output(choices=((Text(text="a"), Text(text="b")),))), False),
        (Reply(content=Output(choices=((),))), False),
        (Reply(content=Output(choices=((Refusal(text="no"),),))), False),
        (Reply(content=ErrorReply(error=ErrorRef(name="rate_limited"))), False),
    ],
)
def test_plain_is_a_text_and_nothing_else(reply: Reply, is_plain: bool) -> None:
    assert plain(reply) is is_plain


class Accusing:
    """A judge to whom nothing is right."""

    def stream(self, *_: object) -> tuple[()]:
        raise AssertionError("asked")

    body = stream


@pytest.mark.parametrize(("tested", "asked"), [(True, False), (False, True)])
def test_only_a_tested_dialect_is_trusted(tested: bool, asked: bool) -> None:
    dialect: Dialect = replace(Dialects().find("openai"), replies=Accusing(), tested=tested)
    reply = said("a")
    where = supported_endpoints((reply,), dialect)

    def judged() -> bool:
        mint = IdGenerator(seed=0, scenario="s", stub="t", call=0)
        try:
            validate(reply, on=where.on, shapes=where.shapes, when=(), dialect=dialect, mint=mint)
        except AssertionError:
            return True
        return False

    assert judged() is asked


def test_a_dialect_on_top_of_a_tested_one_is_not_tested() -> None:
    base = Dialects().find("openai")
    assert not build({"dialect": "own", "extends": "openai"}, base).tested


def test_a_form_is_compiled_by_its_first_request() -> None:
    dialect = Dialects().find("smartlink")
    assert dialect.requests is not None
    for _ in range(2):
        assert (
            dialect.requests.judge(Endpoint.RESPONSES, {"model": "m", "input": "hi"}, strict=True)
            == ()
        )
        [refusal] = dialect.requests.judge(
            Endpoint.RESPONSES, {"model": "m", "input": 3}, strict=True
        )
        assert refusal.finding.path == "input"


def test_schemas_are_a_mapping_of_files() -> None:
    schemas = shipped_schemas()
    assert len(schemas) == len(list(schemas)) == len(dict(schemas))
    assert "openai-chat.json" in schemas
    assert schemas["openai-chat.json"] is schemas["openai-chat.json"]
    with pytest.raises(KeyError, match="'openai-chat'"):
        schemas["openai-chat"]
    assert "$defs" in format_schema()
