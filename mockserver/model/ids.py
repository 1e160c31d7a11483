"""Ids and other generated values: deterministic, never from a random source or a clock.

Every value is derived from (seed, scenario, stub, call number) and its purpose, and has a fixed
width, so that replies to two calls of one stub differ in these bytes only and not in length.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

EPOCH = 1_767_225_600
"""`created` of the first call in a sandbox, unless its clock is set: 2026-01-01T00:00:00Z."""

RAY = ""
"""The prefix of the number that the edge gives a request: it has none."""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# A letter for each byte. The slight bias is irrelevant for ids.
_LETTERS = (_ALPHABET * 5)[:256].encode()
# Widths as observed on the wire; other prefixes have the width of an output item's id.
_HEX_WIDTHS = {"resp_": 50, "req_": 32, RAY: 16}
_ITEM_WIDTH = 50
_TIMES = tuple(b"%d" % time for time in range(100, 500))
_ALNUM_WIDTHS = {"chatcmpl-": 29, "call_": 24}


@dataclass(frozen=True, slots=True, kw_only=True)
class IdGenerator:
    """`call` is the number of the call in its sandbox, from 0; `epoch` is when call 0 is on the
    sandbox's clock."""

    seed: int
    scenario: str
    stub: str
    call: int
    epoch: int = EPOCH

    def number(self, purpose: str, below: int) -> int:
        """A number from 0 up to but not including `below`."""
        return int.from_bytes(self._digest(purpose, 16), "big") % below

    def id(self, prefix: str, ordinal: int = 0) -> str:
        """An id such as `msg_…`; `ordinal` tells several of one kind in one reply apart."""
        return self.ids(prefix, ordinal)(self.call).decode()

    def ids(self, prefix: str, ordinal: int = 0) -> Callable[[int], bytes]:
        """A function from the number of a call to that id, in ASCII."""
        begin = prefix.encode()
        if prefix in _ALNUM_WIDTHS:
            size = _ALNUM_WIDTHS[prefix]
            first, step, mask = self._series(f"{prefix}{ordinal}", size)
            return lambda call: begin + ((first + call * step) & mask).to_bytes(size, "big").translate(_LETTERS)
        width = _HEX_WIDTHS.get(prefix, _ITEM_WIDTH)
        first, step, mask = self._series(f"{prefix}{ordinal}", width // 2, of=32)
        form = b"%b%%0%dx" % (begin.replace(b"%", b"%%"), width)
        return lambda call: form % ((first + call * step) & mask)

    def text(self, purpose: str, length: int) -> str:
        """Letters and digits, `length` of them."""
        found = ""
        block = 0
        while len(found) < length:
            found += self._digest(f"{purpose}/{block}", 32).hex()
            block += 1
        return found[:length]

    @property
    def created(self) -> int:
        """Unix seconds of this call."""
        return self.epoch + self.call

    @property
    def processing_ms(self) -> str:
        """Three digits in place of the time the upstream takes."""
        return self.processing_ms_for()(self.call).decode()

    def processing_ms_for(self) -> Callable[[int], bytes]:
        """The same for any call; see `ids`."""
        first, step, _ = self._series("processing_ms", 16)
        return lambda call: _TIMES[(first + call * step) % len(_TIMES)]

    @property
    def per_stub(self) -> IdGenerator:
        """The generator of values that are the same in every call of the stub."""
        return IdGenerator(seed=self.seed, scenario=self.scenario, stub=self.stub, call=0)

    def _series(self, purpose: str, size: int, *, of: int = 0) -> tuple[int, int, int]:
        """(first, step, mask) of an arithmetic series of `size`-byte numbers, one for each call of
        the stub, modulo the mask. Digests have `of` bytes, by default `size`. The step is odd, so
        that no number repeats."""
        root = _root(self.seed, self.scenario, self.stub)
        first, step = (int.from_bytes(_digest_of(root, call, purpose, of or size)[:size], "big") for call in (0, 1))
        return first, step | 1, (1 << 8 * size) - 1

    def _digest(self, purpose: str, size: int) -> bytes:
        return _digest_of(_root(self.seed, self.scenario, self.stub), self.call, purpose, size)


def _digest_of(root: bytes, call: int, purpose: str, size: int) -> bytes:
    data = b"%b%d\x1f%b" % (root, call, purpose.encode("utf-8", "surrogatepass"))
    return blake2b(data, digest_size=size).digest()


@lru_cache(maxsize=4096)
def _root(seed: int, scenario: str, stub: str) -> bytes:
    """The prefix of the digested data that all calls of a stub share."""
    return f"{seed}\x1f{scenario}\x1f{stub}\x1f".encode("utf-8", "surrogatepass")
