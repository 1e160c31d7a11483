"""The occasion on which a reply is rendered: the call, the dialect and the mint.

A reply is free of all three; together they decide every byte.
"""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.model.call import Call
from mockserver.model.dialect import Dialect
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON

DEFAULT_MODEL = "gpt-5.4"
_BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderContext:
    """What rendering needs besides the reply."""

    call: Call
    dialect: Dialect
    mint: IdGenerator

    @property
    def model(self) -> str:
        """The model asked for, or one to have a name at all."""
        return self.call.model or DEFAULT_MODEL

    @property
    def prompt_tokens(self) -> int:
        """The request's texts in tokens, as they are counted where nobody states them."""
        return estimate_tokens(self.call.input_text)

    @property
    def pads_deltas(self) -> bool:
        """Whether the request leaves the padding of deltas on, as it is by default."""
        options: JSON = self.call.body.get("stream_options")
        return not (isinstance(options, dict) and options.get("include_obfuscation") is False)

    def padding(self, ordinal: int) -> str:
        """The `obfuscation` of one delta, the same in every call, of a length that hides the
        delta's own."""
        mint = self.mint.per_stub
        return mint.text(f"padding/{ordinal}", 1 + mint.number(f"padding-length/{ordinal}", 16))


def estimate_tokens(text: str) -> int:
    """A text in tokens by one fixed rule: UTF-8 bytes divided by four, rounded up."""
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    return -(-size // _BYTES_PER_TOKEN)
