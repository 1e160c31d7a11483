"""How text is cut into deltas, and whether a list of pieces is the text."""

from __future__ import annotations

from mockserver.core.reply import Chunks
from mockserver.scenario.spots import Spot
from mockserver.scenario.wording import quoted


def read_chunks(spot: Spot, *texts: str) -> Chunks:
    """Read `chunks`; pieces must together be the text, where there is just one."""
    match spot.value:
        case str() as word:
            return word
        case list():
            pieces = spot.texts
            joined = "".join(pieces)
            if len(texts) == 1 and joined != texts[0]:
                spot.refuse(f"the pieces make {quoted(joined)}, the text is {quoted(texts[0])}")
            return pieces
        case _:
            return spot.whole
