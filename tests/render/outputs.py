"""Strategies for outputs: whatever a scenario can script that keeps the contract."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from tests.kit import (
    JSON,
    Audio,
    Chunks,
    Compaction,
    CustomCall,
    ErrorDelivery,
    ErrorRef,
    ErrorShape,
    FinishReason,
    FunctionCall,
    Item,
    JSONObject,
    Output,
    RawItem,
    Reasoning,
    Refusal,
    StreamError,
    Text,
    Usage,
)

_TEXTS = st.text(max_size=24)
_NAMES = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
_CHUNKS: st.SearchStrategy[Chunks] = st.one_of(
    st.sampled_from(["word", "char"]), st.integers(1, 9), st.lists(st.text(max_size=4), max_size=4).map(tuple)
)
_OPTIONAL_CHUNKS = st.none() | _CHUNKS
_NO_STATUS: JSONObject = {}
_STATUS = st.sampled_from([_NO_STATUS, {"status": "completed"}, {"status": "failed"}])


@st.composite
def _texts(draw: st.DrawFn) -> Text:
    tokens = draw(st.lists(st.text(max_size=4), max_size=4))
    annotation: JSONObject = {
        "type": "url_citation",
        "url": "https://example.org",
        "title": draw(_TEXTS),
        "start_index": 0,
        "end_index": 3,
    }
    logprobs: tuple[JSONObject, ...] = tuple(
        {"token": token, "logprob": -0.5, "bytes": list(token.encode()), "top_logprobs": []} for token in tokens
    )
    spelled = draw(st.booleans())
    return Text(
        text="".join(tokens) if spelled else draw(_TEXTS),
        chunks=draw(_OPTIONAL_CHUNKS),
        annotations=draw(st.sampled_from([(), (annotation,), (annotation, annotation)])),
        logprobs=draw(st.sampled_from([(), logprobs])),
        phase=draw(st.sampled_from([None, "commentary", "final_answer"])),
    )


_REFUSALS = st.builds(Refusal, text=_TEXTS, chunks=_OPTIONAL_CHUNKS)
_REASONINGS = st.builds(
    Reasoning,
    summary=st.lists(_TEXTS, max_size=2).map(tuple),
    content=st.lists(_TEXTS, max_size=2).map(tuple),
    encrypted=st.none() | _TEXTS,
    chunks=_OPTIONAL_CHUNKS,
)
_CALLS: st.SearchStrategy[Item] = st.one_of(
    st.builds(FunctionCall, name=_NAMES, arguments=_TEXTS, chunks=_OPTIONAL_CHUNKS),
    st.builds(CustomCall, name=_NAMES, input=_TEXTS, chunks=_OPTIONAL_CHUNKS),
)
_COMPACTIONS = st.builds(Compaction, encrypted=_TEXTS)
_FAILURES = st.builds(
    StreamError,
    error=st.one_of(
        st.sampled_from(["server_error", "insufficient_quota", "bad_gateway", "overloaded"]).map(
            lambda name: ErrorRef(name=name)
        ),
        st.just(ErrorRef(members={"code": None, "type": "odd", "message": "no", "status": 418})),
    ),
    form=st.sampled_from(ErrorDelivery),
    shape=st.sampled_from(ErrorShape),
)


def _item(kind: str, **members: JSON) -> JSONObject:
    return {"type": kind, **members}


def _with(item: JSONObject, more: JSONObject) -> JSONObject:
    return item | more


def _call(kind: str, **members: JSON) -> JSONObject:
    return _item(kind, call_id="call_1", **members)


def _mcp(kind: str, **members: JSON) -> JSONObject:
    return _item(kind, server_label="s", name="n", **members)


def hosted_items(text: str) -> list[JSONObject]:
    """Calls of tools that the upstream runs itself, with `text` wherever one may be."""
    return [
        _item("web_search_call", action={"type": "search", "query": text}),
        _item("file_search_call", queries=[text], results=None),
        _item("image_generation_call", result="AA", partial_images=["A", "AA"]),
        _item("code_interpreter_call", code=text, container_id="c", outputs=None),
    ]


def plain_items(text: str) -> list[JSONObject]:
    """Every other item in the wire's own shape, with `text` wherever one may be."""
    part: JSONObject = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    summary: list[JSON] = [{"type": "summary_text", "text": text}]
    click: JSONObject = {"type": "click", "button": "left", "x": 1, "y": 2}
    run: JSONObject = {"type": "exec", "command": [text], "env": {}}
    error: JSONObject = {"type": "mcp_protocol_error", "code": 32601, "message": text}
    printed: JSONObject = {"stdout": text, "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}
    update: JSONObject = {"type": "update_file", "path": "p", "diff": text}
    return [
        _item("message", role="assistant", content=[part, part]),
        _item("reasoning", summary=summary),
        _call("function_call", name="f", arguments=text),
        _call("custom_tool_call", name="f", input=text),
        _item("mcp_list_tools", server_label="s", tools=[]),
        _item("mcp_list_tools", server_label="s", tools=[], error="gone"),
        _mcp("mcp_call", arguments=text, output=text, error=None),
        _mcp("mcp_call", arguments=text, output=None, error=error, status="failed"),
        _mcp("mcp_approval_request", arguments=text),
        _call("local_shell_call", action=run),
        _call("shell_call", action={"commands": [text, "ls"]}, environment=None),
        _call("shell_call_output", output=[printed]),
        _call("apply_patch_call", operation=update),
        _call("apply_patch_call", operation={"type": "delete_file", "path": "p"}),
        _call("computer_call", action=click, pending_safety_checks=[]),
        _call("tool_search_call", execution="server", arguments={}),
        _call("tool_search_output", execution="server", tools=[]),
        _item("compaction", encrypted_content=text),
        _call("program", code=text, fingerprint="f"),
        _call("program_output", result=text),
        _item("tomorrow_call", payload={"x": text}),
    ]


@st.composite
def _wire_items(draw: st.DrawFn) -> RawItem:
    text = draw(_TEXTS)
    item = draw(
        st.one_of(st.sampled_from(plain_items(text)), st.builds(_with, st.sampled_from(hosted_items(text)), _STATUS))
    )
    overlaps = item["type"] == "mcp_list_tools" and draw(st.booleans())
    return RawItem(item=item, chunks=draw(_OPTIONAL_CHUNKS), overlaps=overlaps)


AUDIOS: st.SearchStrategy[Item] = st.builds(
    Audio,
    data=st.lists(st.sampled_from(["QQ==", "Qg=="]), max_size=2).map(tuple),
    transcript=_TEXTS,
    chunks=_OPTIONAL_CHUNKS,
)
CHAT_ITEMS: st.SearchStrategy[Item] = st.one_of(_texts(), _REFUSALS, _REASONINGS, _CALLS)
RESPONSE_ITEMS: st.SearchStrategy[Item] = st.one_of(CHAT_ITEMS, _COMPACTIONS, _wire_items())
COMPACTION_ITEMS: st.SearchStrategy[Item] = st.one_of(_texts(), _COMPACTIONS)
_USAGES = st.builds(
    Usage,
    input=st.none() | st.integers(1000, 2000),
    cached=st.none() | st.integers(0, 1000),
    output=st.none() | st.integers(500, 1000),
    reasoning=st.none(),
) | st.just(Usage(output=0))


def _overlapping(items: list[Item]) -> tuple[Item, ...]:
    """Only lists of tools overlap, and only each other."""
    return tuple(
        replace(item, overlaps=False)
        if isinstance(item, RawItem) and not (place and _lists_tools(items[place - 1]))
        else item
        for place, item in enumerate(items)
    )


def _lists_tools(item: Item) -> bool:
    return isinstance(item, RawItem) and item.item["type"] == "mcp_list_tools"


@st.composite
def outputs(
    draw: st.DrawFn,
    items: st.SearchStrategy[Item],
    *,
    finishes: tuple[FinishReason | None, ...],
    choices: int = 1,
    failing: bool = False,
) -> Output:
    """Outputs of `items`, of at most so many choices, each ended by a failure where asked."""
    count = draw(st.integers(1, choices))
    said = [_overlapping(draw(st.lists(items, max_size=4))) for _ in range(count)]
    if items is CHAT_ITEMS:
        said[0] = (*said[0], *draw(st.lists(AUDIOS, max_size=1)))
    if failing:
        said[-1] = (*said[-1], draw(_FAILURES))
    finish = None if failing else draw(st.sampled_from(finishes))
    if finish in (FinishReason.LENGTH, FinishReason.CONTENT_FILTER):
        # Some hosted tools know no incomplete end, and so cannot be last.
        said[-1] = (*said[-1], draw(_texts()))
    return Output(
        choices=tuple(said),
        finish=finish,
        usage=draw(_USAGES),
        chunks=draw(_CHUNKS),
        id=draw(st.sampled_from([None, "an_id"])),
        model=draw(st.sampled_from([None, "a model"])),
        created=draw(st.sampled_from([None, 17])),
    )
