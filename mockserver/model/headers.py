"""What a header of a reply may be: one check for those of scenarios, dialects, errors and rules, when they are loaded
and when a placeholder is filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from mockserver.model.codings import CONTENT_ENCODING, coding_problem

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")

_MISSTATES: Final = "the fault 'garble: {{headers: {{{name}: …}}}}' states it falsely"
# Headers that follow from the body, and what to write in their place.
_OF_THE_BODY: Final[Mapping[str, str]] = {
    "content-length": "follows from the body; the fault 'garble: {content_length: …}' states another",
    "transfer-encoding": "follows from the reply; 'framing: {chunked: true}' sends a whole reply in chunks, and "
    + _MISSTATES.format(name="transfer-encoding"),
    "trailer": "would announce a trailer that is never sent; " + _MISSTATES.format(name="trailer"),
}


def line_problem(name: str, value: str) -> str | None:
    """Why a header cannot be written as one line of a head; None when it can."""
    if not _TOKEN.fullmatch(name):
        return f"header name {name!r} is no token (letters, digits and !#$%&'*+-.^_`|~)"
    if not _VALUE.fullmatch(value):
        return f"value {value!r} of header {name!r} has characters that no header line can carry"
    return None


def header_problem(name: str, value: str) -> str | None:
    """Why a reply cannot have a header; None when it can. An empty value takes the header away."""
    key = name.lower()
    if key in _OF_THE_BODY and value:
        return f"header {name!r} {_OF_THE_BODY[key]}"
    problem = coding_problem(value) if key == CONTENT_ENCODING else None
    if problem is not None:
        return f"header {name!r} compresses the body: {problem}; {_MISSTATES.format(name=CONTENT_ENCODING)}"
    return line_problem(name, value)


def as_line(text: str) -> str:
    """A text as the value of a header: without line ends, `?` for what no header line can carry."""
    return _CONTROL.sub(" ", text).encode("latin-1", "replace").decode("latin-1").strip()
