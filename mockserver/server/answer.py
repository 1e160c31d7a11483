"""What is answered to one request, before anything is performed."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.model.call import Call
from mockserver.model.findings import Finding
from mockserver.model.frames import Script
from mockserver.model.stub_set import Match, Miss
from mockserver.pipeline.template_cache import Played, ReplyJob
from mockserver.render.replies import Rendered


@dataclass(
    slots=True
)  # not frozen: one lives for one exchange, and would take twice as long to make
class Answer:
    """Either `composed` is there, or `played`, which was filled in from the same recipe. `choice`
    is None where the request was answered before any stub was asked; `rendered` is a stub's reply
    before any fault, where it was composed."""

    status: int
    composed: Script | None = None
    played: Played | None = None
    recipe: ReplyJob | None = None
    call: Call | None = None
    choice: Match | Miss | None = None
    findings: tuple[Finding, ...] = ()
    rendered: Rendered | None = None

    @property
    def script(self) -> Script:
        """The frames, composed now where they were filled in."""
        if self.composed is not None:
            return self.composed
        assert self.recipe is not None  # noqa: S101  # one of the two is there
        assert self.call is not None  # noqa: S101
        return self.recipe(self.call)
