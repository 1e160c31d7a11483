"""What HTTP replies have by their shape and status."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.model.request import Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRule:
    """What HTTP replies of some shapes and statuses have: of all where none are named. `indent` is
    the width by which JSON bodies are indented, 0 for compact ones, `newline` ends them with one;
    `headers` replace those of the dialect and of errors, an empty value removes one. None changes
    nothing."""

    shapes: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    indent: int | None = None
    newline: bool | None = None
    headers: Headers = ()

    def applies(self, shape: str, status: int | None) -> bool:
        """Whether a reply is meant; status None is a reply that is no JSON of the API."""
        return (not self.shapes or shape in self.shapes) and (not self.statuses or status in self.statuses)
