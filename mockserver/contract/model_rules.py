"""What models do not support: rules by name pattern and effective reasoning effort, as data.

Only what was recorded or measured is here. A model that no pattern names has no rules.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from mockserver.contract.error_messages import listing, quoted
from mockserver.model.json import JSON, JSONObject

if TYPE_CHECKING:
    from mockserver.contract.request_table import BodyCheck

_MEASURED: Final = "measured, 2026-08 to 2026-09"
_RECORDED: Final = "recorded 400 replies"

# The effort of a request that names none; the first pattern that matches.
_DEFAULT_EFFORT: Final = ((re.compile(r"gpt-5\.[24]\b.*"), "none"), (re.compile(r"(o\d|gpt-5)\b.*"), "medium"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRule:
    """A member that models reject, on one endpoint (`form`).

    `accepted` values are exceptions; with `rejected`, only those values are rejected. `reasoning` limits the rule to requests whose effective
    effort is not `none`. `stage` is when the API checks it: among unknown names, before the other
    members, or after them. `{value}` and `{model}` stand for those of the request in `message`.
    """

    models: str
    form: str
    member: str
    message: str
    code: str | None
    source: str
    accepted: tuple[JSON, ...] = ()
    rejected: tuple[JSON, ...] = ()
    reasoning: bool = False
    stage: Literal["unknown", "early", "late"] = "late"

    def rejects(self, body: JSONObject) -> bool:
        """Whether a body of a model that the rule names breaks it."""
        found = member_of(body, self.member)
        listed = found if isinstance(found, list) else [found]
        if self.rejected:
            return any(one in self.rejected for one in listed)
        return found not in (None, []) and any(one not in self.accepted for one in listed)


def member_of(body: JSONObject, path: str) -> JSON:
    """The member at a dotted path, None where it is absent."""
    value: JSON = body
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _unsupported(member: str) -> str:
    return f"Unsupported parameter: '{member}' is not supported with this model."


def _rules() -> tuple[ModelRule, ...]:
    latest = r"gpt-5\.6\b.*"
    chat = {"stop": (), "prediction": (), "frequency_penalty": (0,), "presence_penalty": (0,), "logprobs": (False,)}
    responses = {"temperature": (1,), "top_p": (1,), "frequency_penalty": (0,), "presence_penalty": (0,)}
    chat_efforts = ("none", "low", "medium", "high", "xhigh")
    efforts = (*chat_efforts, "max")
    return (
        *(
            ModelRule(
                models=latest,
                form="chat",
                member=member,
                message=f"Unknown parameter: '{member}'.",
                code="unknown_parameter",
                source=_MEASURED,
                stage="unknown",
            )
            for member in ("audio", "modalities")
        ),
        ModelRule(
            models=r"gpt-5(\.6|-nano)\b.*",
            form="chat",
            member="max_tokens",
            message=f"{_unsupported('max_tokens')} Use 'max_completion_tokens' instead.",
            code="unsupported_parameter",
            source=_MEASURED,
            stage="early",
        ),
        *(
            ModelRule(
                models=latest if member != "stop" else r"(gpt-5\.6|gpt-5-mini|o1-mini)\b.*",
                form="chat",
                member=member,
                message=_unsupported(member),
                code="unsupported_parameter",
                source=_MEASURED,
                accepted=accepted,
                reasoning=True,
            )
            for member, accepted in chat.items()
        ),
        ModelRule(
            models=latest,
            form="chat",
            member="temperature",
            message=(
                "Unsupported value: 'temperature' does not support {value} with this model. Only "
                "the default (1) value is supported."
            ),
            code="unsupported_value",
            source=_MEASURED,
            accepted=(1,),
            reasoning=True,
        ),
        ModelRule(
            models=latest,
            form="chat",
            member="reasoning_effort",
            message=(
                "Unsupported value: 'reasoning_effort' does not support {value} with this model. "
                f"Supported values are: {listing([quoted(one) for one in chat_efforts])}."
            ),
            code="unsupported_value",
            source=_MEASURED,
            accepted=chat_efforts,
        ),
        *(
            ModelRule(
                models=latest,
                form="responses",
                member=member,
                message=_unsupported(member),
                code=None,
                source=_MEASURED,
                accepted=accepted,
                reasoning=True,
            )
            for member, accepted in responses.items()
        ),
        ModelRule(
            models=latest,
            form="responses",
            member="include",
            message="logprobs are not supported with reasoning models.",
            code="unsupported_parameter",
            source=_MEASURED,
            rejected=("message.output_text.logprobs",),
            reasoning=True,
        ),
        ModelRule(
            models=latest,
            form="responses",
            member="reasoning.effort",
            message=(
                "Unsupported value: {value} is not supported with the '{model}' model. Supported "
                f"values are: {listing([quoted(one) for one in efforts])}."
            ),
            code="unsupported_value",
            source=_MEASURED,
            accepted=efforts,
        ),
    )


class ModelRules:
    """A list of rules, looked up by model and form."""

    def __init__(self, rules: Sequence[ModelRule]) -> None:
        self.rules = tuple(rules)
        self._found: dict[tuple[str, str], tuple[ModelRule, ...]] = {}

    def of(self, model: str, form: str) -> tuple[ModelRule, ...]:
        """The rules for a model on the endpoint of that form."""
        found = self._found.get((model, form))
        if found is None:
            if len(self._found) >= _MAX_MODELS:
                self._found.clear()
            found = tuple(one for one in self.rules if one.form == form and re.fullmatch(one.models, model))
            self._found[model, form] = found
        return found


_MAX_MODELS: Final = 1024  # model names come from clients
MODEL_RULES: Final = ModelRules(_rules())


def effort_of(body: JSONObject, model: str) -> str | None:
    """The effective reasoning effort of a request; None for a model that does not reason."""
    given = member_of(body, "reasoning.effort") or body.get("reasoning_effort")
    if isinstance(given, str):
        return given
    return next((effort for one, effort in _DEFAULT_EFFORT if one.fullmatch(model)), None)


def apply_model_rules(check: BodyCheck, form: str, stage: str, rules: ModelRules = MODEL_RULES) -> None:
    """Report the members of a body that its model does not support."""
    body = check.body
    model = body.get("model")
    if not isinstance(model, str):
        return
    for rule in rules.of(model, form):
        if rule.stage != stage or not rule.rejects(body):
            continue
        if rule.reasoning and effort_of(body, model) in (None, "none"):
            continue
        value = quoted(member_of(body, rule.member))
        message = rule.message.replace("{value}", value).replace("{model}", model)
        check.report("model", rule.member, message, rule.code)
