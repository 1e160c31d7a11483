"""What rendering needs besides the reply: the context, token counts, the shapes' renderers.

Reply, call, dialect and ids together decide every byte."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from mockserver.model.api_key import NO_KEY, find_key, starred
from mockserver.model.call import Call
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import Registry, Shape
from mockserver.model.frames import RawEvent
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject, object_without
from mockserver.model.model_traits import ModelTraits
from mockserver.model.reply import FinishReason, Output, Usage

DEFAULT_MODEL = "gpt-5.4"
_AUTO = "auto"
_DEFAULT_TIER = "default"
_BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderContext:
    call: Call
    dialect: Dialect
    ids: IdGenerator

    @property
    def model(self) -> str:
        return self.call.model or DEFAULT_MODEL

    @property
    def quoted_key(self) -> str:
        """The API key of the request as a refusal quotes it."""
        headers = {name.lower(): value for name, value in reversed(self.call.headers)}
        key = find_key(headers.get, self.dialect.credentials)
        return NO_KEY if key is None else starred(key)

    @property
    def tier_asked(self) -> str:
        """The service tier that a response in progress names."""
        tiers = self.dialect.echo.tiers
        asked = self.call.body.get("service_tier") if tiers else None
        return _AUTO if not isinstance(asked, str) or asked == _AUTO else tiers.get(asked, asked)

    @property
    def tier_served(self) -> str:
        """The service tier that a finished reply names."""
        return self.dialect.echo.tiers.get(self.tier_asked, _DEFAULT_TIER)

    @property
    def prompt_tokens(self) -> int:
        """The request's texts in tokens, where the reply does not state them."""
        return estimate_tokens(self.call.input_text)

    @property
    def pads_deltas(self) -> bool:
        """Whether the request leaves the padding of deltas on, as it is by default."""
        options: JSON = self.call.body.get("stream_options")
        return not (isinstance(options, dict) and options.get("include_obfuscation") is False)

    def padding(self, ordinal: int) -> str:
        """The `obfuscation` of one delta, the same in every call, of a length that hides the delta's own."""
        ids = self.ids.per_stub
        return ids.text(f"padding/{ordinal}", 1 + ids.number(f"padding-length/{ordinal}", 16))


def with_own(output: Output, form: JSONObject, *, but: Container[str] = ()) -> JSONObject:
    """A form of the reply with the members that the scenario adds, except `but`, and without those that it omits."""
    added = {name: value for name, value in output.fields.items() if name not in but}
    return object_without(form | added, output.omit) if output.omit else form | added


def traits_of_reply(output: Output, context: RenderContext) -> ModelTraits:
    """What the dialect's replies of this model look like."""
    return context.dialect.traits(output.model or context.model)


def model_name(output: Output, context: RenderContext) -> str:
    """The model that a reply names: as scripted, else the snapshot of the one asked for."""
    return output.model or context.dialect.traits(context.model).snapshot or context.model


def estimate_tokens(text: str) -> int:
    """A text in tokens by one fixed rule: UTF-8 bytes divided by four, rounded up."""
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    return -(-size // _BYTES_PER_TOKEN)


def most_tokens(call: Call) -> int:
    """The tokens that a call may cost: those of its texts, and the most that it asks for."""
    given = [call.body.get(name) for name in ("max_completion_tokens", "max_output_tokens", "max_tokens")]
    most = next((one for one in given if isinstance(one, int) and one > 0), 0)
    return estimate_tokens(call.input_text) + most


class Tokens(NamedTuple):
    """Counts of one reply; `cached` is part of `input`, `reasoning` part of `output`. `written` were
    written to the cache, `kept` by how long they are kept, None where that is not known."""

    input: int
    cached: int
    output: int
    reasoning: int
    written: int | None = None
    kept: Mapping[str, JSON] | None = None
    left_out: frozenset[str] = frozenset()


def count_tokens(output: Output, context: RenderContext) -> Tokens:
    """The counts of a reply: as stated, else estimated without contradicting what is stated."""
    stated = output.usage
    items = [item for choice in output.choices for item in choice]
    reasoning = stated.reasoning
    if reasoning is None:
        reasoning = estimate_tokens("".join(item.reasoning_text for item in items))
        reasoning = reasoning if stated.output is None else min(reasoning, max(stated.output, 0))
    written = stated.output
    if written is None:
        written = estimate_tokens("".join(item.counted_text for item in items)) + reasoning
    cached = stated.cached or 0
    asked = stated.input
    if asked is None:
        asked = max(context.prompt_tokens, stated.least_input)
    return Tokens(
        input=asked,
        cached=cached,
        output=written,
        reasoning=reasoning,
        written=stated.cache_written,
        kept=_kept(stated),
        left_out=stated.left_out,
    )


def _kept(stated: Usage) -> JSONObject | None:
    kept = {"ttl_12h_tokens": stated.cache_write_12h, "ttl_30m_tokens": stated.cache_write_30m}
    given = any(count is not None for count in kept.values())
    return {name: count or 0 for name, count in kept.items()} if given else None


_SHARES: Mapping[str, str] = {
    "cached": "cached_tokens",
    "cache_write": "cache_write_tokens",
    "cache_write_30m": "cache_write_tokens_details.ttl_30m_tokens",
    "cache_write_12h": "cache_write_tokens_details.ttl_12h_tokens",
}


def _counts(tokens: Tokens, usage: JSONObject, input_: str, output: str) -> JSONObject:
    """A usage without the counts that are left out; `input_` and `output` are what its members begin with."""
    if not tokens.left_out:
        return usage
    paths = {
        "input": f"{input_}_tokens",
        "output": f"{output}_tokens",
        "reasoning": f"{output}_tokens_details.reasoning_tokens",
        **{key: f"{input_}_tokens_details.{share}" for key, share in _SHARES.items()},
    }
    return object_without(usage, [paths[key] for key in tokens.left_out])


def chat_usage(tokens: Tokens) -> JSONObject:
    usage: JSONObject = {
        "prompt_tokens": tokens.input,
        "completion_tokens": tokens.output,
        "total_tokens": tokens.input + tokens.output,
        "prompt_tokens_details": {
            "cached_tokens": tokens.cached,
            "audio_tokens": 0,
            **({} if tokens.written is None else {"cache_write_tokens": tokens.written}),
            **_details(tokens),
        },
        "completion_tokens_details": {
            "reasoning_tokens": tokens.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
    return _counts(tokens, usage, "prompt", "completion")


def _details(tokens: Tokens) -> JSONObject:
    return {} if tokens.kept is None else {"cache_write_tokens_details": dict(tokens.kept)}


def responses_usage(tokens: Tokens, dialect: Dialect) -> JSONObject:
    details: JSONObject = {"cached_tokens": tokens.cached, "cache_write_tokens": tokens.written or 0}
    usage: JSONObject = {
        "input_tokens": tokens.input,
        "input_tokens_details": dialect.keep("usage.responses.input", details | _details(tokens)),
        "output_tokens": tokens.output,
        "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "total_tokens": tokens.input + tokens.output,
    }
    return _counts(tokens, usage, "input", "output")


class Labeller(Protocol):
    def names(self, event: RawEvent) -> tuple[str, str | None]: ...


def index_of(holder: JSONObject, name: str) -> int | None:
    """A member that is a number; labels count by these."""
    value = holder.get(name)
    return value if isinstance(value, int) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeRenderer:
    """How a reply is rendered in one shape.

    `body` renders it as JSON, `events` as a stream; without `events` the shape does not stream. `scripted` completes an
    event that the scenario wrote out, given its place in the stream. `labeller` makes the labeller of one stream.

    What the shape cannot express: `several_choices` unless allowed, a way to end that is not in
    `finishes` (None for any), anything for which `unsupported` gives a reason. `foreign` maps
    members to the reason why a scripted event that has one belongs to another shape.

    `fails_in_body` says that a failed reply that does not stream is a body of this shape; else it
    is the error alone. `closes_on_error` ends the connection after a stream's error event.
    `keepalive` is the event, with a number, or the comment that keeps a silent stream alive.
    `comment` is the dialect's comment before each event of a rendered stream."""

    body: Callable[[Output, RenderContext], JSONObject]
    labeller: Callable[[], Labeller]
    events: Callable[[Output, RenderContext], Iterator[RawEvent]] | None = None
    scripted: Callable[[RawEvent, int, Dialect], RawEvent] = lambda event, _, __: event
    several_choices: bool = False
    finishes: frozenset[FinishReason] | None = None
    unsupported: Callable[[Output], str | None] = lambda _: None
    foreign: Mapping[str, str] = field(default_factory=dict)
    fails_in_body: bool = False
    closes_on_error: bool = False
    keepalive: RawEvent | str = "keepalive"
    comment: Callable[[Dialect], str] = lambda _: ""


RENDERERS: Registry[Shape, ShapeRenderer] = Registry("mockserver.endpoints")
