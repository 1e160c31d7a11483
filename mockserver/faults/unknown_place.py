"""What is raised where a fault has no place to strike."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.errors import MockServerError


class UnknownPlace(MockServerError, ValueError):  # noqa: N818 - it names what is not there
    """A place that this reply does not have.

    `nearest` is the label most like the one that was named, `labels` are all of the unfaulted
    stream; both are empty where it was not a label that failed.
    """

    def __init__(
        self, message: str, *, nearest: str | None = None, labels: Sequence[str] = ()
    ) -> None:
        self.nearest = nearest
        self.labels = tuple(labels)
        super().__init__(message)


class LostPlace(UnknownPlace):
    """A place that the unfaulted reply has, and that an earlier fault or the framing took away."""
