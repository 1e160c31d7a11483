"""What was seen of a request before it came to the desk, so that nothing is looked at twice."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.model.call import Call
from mockserver.model.dialect import Rejection
from mockserver.model.stub_index import MountedStub


@dataclass(frozen=True, slots=True)
class Look:
    """`call` has a sound body and `mounted` would answer it, nobody where that is None; without a
    call nothing was seen. `refusals` is None where the contract was not asked yet."""

    call: Call | None = None
    mounted: MountedStub | None = None
    refusals: tuple[Rejection, ...] | None = None


UNSEEN = Look()
