"""Parameters of the other endpoint: what the upstream says to a request that took the wrong door.

A dialect whose schema names such a member takes it, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.contract.error_messages import rejection
from mockserver.contract.request_body import BodyKind
from mockserver.contract.rules import Rule
from mockserver.model.dialect import Rejection
from mockserver.model.findings import Severity

FOREIGN_RULE = Rule(
    id="request.foreign",
    meaning="a parameter belongs to this endpoint, not to the other one",
    source="official API, 400 replies",
)

_MOVED: Mapping[BodyKind, str] = {
    BodyKind.RESPONSES: (
        "Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to "
        "'{place}'. Try again with the new parameter. See the API documentation for more "
        "information: https://platform.openai.com/docs/api-reference/responses/create."
    ),
    BodyKind.CHAT: (
        "Unsupported parameter: '{name}' is not supported with the Chat Completions API. "
        "Use '{place}' instead."
    ),
}
_UNKNOWN = "Unknown parameter: '{name}'."

# Where a parameter of the other endpoint has its place here; None where it has none.
_PLACES: Mapping[BodyKind, Mapping[str, str | None]] = {
    BodyKind.RESPONSES: {
        "messages": "input",
        "max_tokens": "max_output_tokens",
        "max_completion_tokens": "max_output_tokens",
        "response_format": "text.format",
        "functions": "tools",
        "function_call": "tool_choice",
        "reasoning_effort": "reasoning.effort",
        "verbosity": "text.verbosity",
        "n": None,
        "stop": None,
        "logprobs": None,
        "logit_bias": None,
        "seed": None,
        "modalities": None,
        "audio": None,
        "prediction": None,
        "web_search_options": None,
    },
    BodyKind.CHAT: {
        "input": "messages",
        "instructions": "messages",
        "max_output_tokens": "max_completion_tokens",
        "text": "response_format",
        "reasoning": "reasoning_effort",
        "previous_response_id": None,
        "conversation": None,
        "include": None,
        "prompt": None,
        "max_tool_calls": None,
        "truncation": None,
        "background": None,
        "context_management": None,
    },
}


def foreign_names(form: BodyKind) -> frozenset[str]:
    """The parameters of the other endpoint that this form may be sent by mistake."""
    return frozenset(_PLACES.get(form, ()))


def foreign(form: BodyKind, name: str) -> Rejection:
    """What the upstream says to a parameter out of `foreign_names`."""
    place = _PLACES[form][name]
    shape, code = (_MOVED[form], "unsupported_parameter") if place else (_UNKNOWN, None)
    message = shape.format(name=name, place=place)
    return rejection(
        FOREIGN_RULE.id,
        name,
        message,
        code=code or "unknown_parameter",
        param=name,
        severity=Severity.ERROR,
    )
