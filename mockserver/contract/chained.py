"""The rules about calls and their outputs, applied to a conversation of which the API stored the beginning."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mockserver.contract.body_index import BodyIndex
from mockserver.contract.cross_field import CROSS_FIELD_RULES
from mockserver.model.dialect import Rejection
from mockserver.model.json import JSON, JSONObject, as_list

_PAIRING: Final = frozenset({"request.input.outputs_answer", "request.input.calls_answered"})
_INPUT: Final = re.compile(r"input\[(\d+)\]")


def chain_rejections(history: tuple[JSON, ...], body: JSONObject) -> tuple[Rejection, ...]:
    """Calls without output and outputs without call, of the stored items and the input together."""
    given = body.get("input")
    own: list[JSON] = [{"role": "user", "content": given}] if isinstance(given, str) else as_list(given)
    index = BodyIndex({"input": [*history, *own]})
    rules = [one for one in CROSS_FIELD_RULES if one.rule.id in _PAIRING]
    return tuple(_placed(found, len(history)) for one in rules for found in one.findings(index))


def _placed(found: Rejection, before: int) -> Rejection:
    """The rejection with the place in the request; what is stored is named by `previous_response_id`."""

    def place(match: re.Match[str]) -> str:
        number = int(match[1]) - before
        return f"input[{number}]" if number >= 0 else f"previous_response_id.input[{number + before}]"

    finding = replace(found.finding, path=_INPUT.sub(place, found.finding.path))
    return found._replace(finding=finding)
