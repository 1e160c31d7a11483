"""Output items, read into values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from mockserver.core.jsontext import write
from mockserver.core.reply import (
    Audio,
    Chunks,
    Compaction,
    CustomCall,
    ErrorShape,
    Failure,
    FailureForm,
    FunctionCall,
    Item,
    Reasoning,
    Refusal,
    Text,
    WireItem,
)
from mockserver.scenario.chunks import read_chunks
from mockserver.scenario.errors import read_error
from mockserver.scenario.hosted import HOSTED, read_arguments, read_hosted
from mockserver.scenario.spots import Spot


def read_output(spot: Spot) -> tuple[Item, ...]:
    """The items of one output; behind a failure nothing may follow."""
    items: list[Item] = []
    failed = False
    for element in spot.elements():
        if failed:
            element.refuse("nothing may follow an error; the reply ends with it")
        item = _read(element)
        failed = failed or isinstance(item, Failure)
        items.append(item)
    return tuple(items)


def _read(spot: Spot) -> Item:
    return next(read for kind, read in _READERS.items() if kind in spot.object)(spot)


def _said(spot: Spot, key: str, default: str = "") -> str:
    inner = spot.get(key)
    return default if inner is None else inner.text


def _optional(spot: Spot, key: str) -> str | None:
    inner = spot.get(key)
    return None if inner is None else inner.text


def _chunks(spot: Spot, *texts: str) -> Chunks | None:
    inner = spot.get("chunks")
    return None if inner is None else read_chunks(inner, *texts)


def _text(spot: Spot) -> Text:
    text = _said(spot, "text")
    annotations, logprobs = spot.get("annotations"), spot.get("logprobs")
    return Text(
        text=text,
        chunks=_chunks(spot, text),
        annotations=() if annotations is None else annotations.objects,
        logprobs=() if logprobs is None else logprobs.objects,
        phase=_optional(spot, "phase"),
    )


def read_json(spot: Spot) -> Text:
    """Data as the text that tells it."""
    return Text(text=write(spot.value), structured=True)


def _json(spot: Spot) -> Text:
    inner = spot.get("json")
    data = Text(text="{}", structured=True) if inner is None else read_json(inner)
    return replace(data, chunks=_chunks(spot, data.text), phase=_optional(spot, "phase"))


def _refusal(spot: Spot) -> Refusal:
    text = _said(spot, "refusal")
    return Refusal(text=text, chunks=_chunks(spot, text))


def _reasoning(spot: Spot) -> Reasoning:
    inner = spot.get("reasoning")
    if inner is None:
        return Reasoning()
    summary, content = inner.get("summary"), inner.get("content")
    summaries = () if summary is None else summary.texts
    contents = () if content is None else content.texts
    return Reasoning(
        summary=summaries,
        content=contents,
        encrypted=_optional(inner, "encrypted"),
        chunks=_chunks(spot, *summaries, *contents),
    )


def _call(spot: Spot) -> FunctionCall:
    arguments = read_arguments(spot.get("arguments"))
    return FunctionCall(
        name=_said(spot, "call"),
        arguments=arguments,
        call_id=_optional(spot, "call_id"),
        chunks=_chunks(spot, arguments),
    )


def _custom_call(spot: Spot) -> CustomCall:
    text = _said(spot, "input")
    return CustomCall(
        name=_said(spot, "custom_call"),
        input=text,
        call_id=_optional(spot, "call_id"),
        chunks=_chunks(spot, text),
    )


def _audio(spot: Spot) -> Audio:
    data, expires = spot.get("audio"), spot.get("expires")
    transcript = _said(spot, "transcript")
    return Audio(
        data=() if data is None else data.texts,
        transcript=transcript,
        id=_optional(spot, "id"),
        expires=None if expires is None else expires.whole,
        chunks=_chunks(spot, transcript),
    )


def _compaction(spot: Spot) -> Compaction:
    return Compaction(encrypted=_said(spot, "compaction"))


def _item(spot: Spot) -> WireItem:
    inner = spot.get("item")
    return WireItem(
        item={} if inner is None else inner.object,
        chunks=_chunks(spot),
        overlaps=spot.flag("overlaps"),
    )


def _error(spot: Spot) -> Failure:
    return Failure(
        error=read_error(spot.get("error")),
        form=FailureForm(_said(spot, "as", FailureForm.FAILED)),
        shape=ErrorShape(_said(spot, "shape", ErrorShape.NESTED)),
    )


# `error` is last: some of the others may have one beside them.
_READERS: Mapping[str, Callable[[Spot], Item]] = {
    **{kind: partial(read_hosted, kind) for kind in HOSTED},
    "text": _text,
    "json": _json,
    "refusal": _refusal,
    "reasoning": _reasoning,
    "call": _call,
    "custom_call": _custom_call,
    "audio": _audio,
    "compaction": _compaction,
    "item": _item,
    "error": _error,
}
