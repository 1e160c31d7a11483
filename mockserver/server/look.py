"""What was seen of a request before it came to the desk, so that nothing is looked at twice."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.core.call import Call
from mockserver.core.choosing import Mounted
from mockserver.core.dialect import Refusal


@dataclass(frozen=True, slots=True)
class Look:
    """`call` has a sound body and `mounted` would answer it, nobody where that is None; without a
    call nothing was seen. `refusals` is None where the contract was not asked yet."""

    call: Call | None = None
    mounted: Mounted | None = None
    refusals: tuple[Refusal, ...] | None = None


UNSEEN = Look()
