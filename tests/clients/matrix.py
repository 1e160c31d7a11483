"""Real clients at pinned versions, each put through every case; `make test-clients` runs it.

Not collected by `make test`: what the clients need is installed by their own targets only.
"""

from __future__ import annotations

from functools import cache

import pytest

from tests.clients.cases import CASES
from tests.clients.clients import CLIENTS, Client
from tests.clients.play import Seen, play
from tests.clients.recording import recorded
from tests.clients.seen import keep

pytestmark = pytest.mark.timeout(400)


@cache
def played(client: Client) -> dict[str, Seen]:
    """One play serves all tests of a client; what was seen is left for the page."""
    seen = play(client)
    keep(client.name, {job: one.outcome for job, one in seen.items()})
    return seen


JOBS = [
    pytest.param(client, f"{case.name}/{way.name}", id=f"{client.name}:{case.name}:{way.name}")
    for client in CLIENTS
    for case in CASES.values()
    for way in client.jobs(case)
]


@pytest.mark.parametrize(("client", "job"), JOBS)
def test_a_client_does_what_is_recorded(client: Client, job: str) -> None:
    seen = played(client)[job]
    assert seen.complaint == "", seen.reported
    assert seen.outcome in recorded(client.name)[job], seen.reported


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: f"{client.name}:side")
def test_other_requests_reach_every_sandbox_and_use_no_stub(client: Client) -> None:
    assert [job for job, seen in played(client).items() if seen.side < 2] == []
