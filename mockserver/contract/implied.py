"""What the spelling of chat streams implies for their contract.

A dialect that says how it spells its streams need not say again that this is legal there; what it
says under `contract` goes over what is implied.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mockserver.contract.replies.contract import ReplyContract
from mockserver.core.jsontext import JSON, Object

_FORMS: Final[Mapping[str, Mapping[str, Object]]] = {
    "role": {
        "own": {"role_again": "forbidden"},
        "joined": {"role_again": "forbidden"},
        "every": {"role_again": "required"},
    },
    "usage": {
        "own": {"usage_on": ["own"]},
        "finish": {"usage_on": ["finish"]},
        "every": {"usage_on": ["every"]},
        "never": {"usage_on": []},
    },
}


def with_implied(contract: ReplyContract, chat: JSON) -> ReplyContract:
    """The contract of streams spelled as a dialect says under `chat`; what is not said there, or
    wrong, implies nothing."""
    told = chat if isinstance(chat, dict) else {}
    form: Object = {}
    for key, forms in _FORMS.items():
        form |= forms.get(str(told.get(key)), {})
    kinds: Object = {}
    reasoning, first = told.get("reasoning"), told.get("first")
    if isinstance(reasoning, str) and reasoning:
        for kind in ("chat.delta", "chat.message"):
            kinds[kind] = {"optional": {reasoning: "string|null"}}
    if isinstance(first, dict):
        form["empty_chunks"] = "first" if first else "nowhere"
        known = contract.tables.kinds["chat.chunk"].table
        kinds["chat.chunk"] = {"optional": {name: "any" for name in first if name not in known}}
    return ReplyContract.from_data({"chat": form, "kinds": kinds}, contract)
