"""What models do not support: the rules that come with the package, by name pattern and effort.

Only what was recorded, measured or reported with the API's own words is here. A model that no
pattern names has no rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from mockserver.contract.error_messages import clipped, listing, quoted, rejection
from mockserver.model.dialect import Rejection
from mockserver.model.json import JSON, JSONObject
from mockserver.model.model_rule import ModelRule, ModelRules, members_of
from mockserver.model.model_traits import traits_of

_MEASURED: Final = "measured refusals, 2026-08 to 2026-09"
_RECORDED: Final = "recorded 400 replies, 2024-09 to 2026-09"
_REPORTED: Final = "400 replies in public reports, 2025-01 to 2026-10"

_LATEST: Final = r"gpt-5\.6\b.*"
_NEXT: Final = r"gpt-6\b.*"
# gpt-5 and its smaller models under their names of 2025, with or without a date.
_FIRST: Final = r"gpt-5(-mini|-nano)?(-\d{4}-\d\d-\d\d)?"
# The models with which sampling parameters were tried one by one, 2026-08.
_FIXED: Final = rf"{_LATEST}|gpt-5\.5\b.*|{_FIRST}"
# The models that do not reason; their backend for chat words what it does not know in its own way.
_OLDER: Final = r"gpt-(3\.5|4|4o|4\.1|4\.5)\b(?!.*(search|audio)).*"
_O_MODELS: Final = r"o[134](-mini|-preview)?(-\d{4}-\d\d-\d\d)?"
_CHAT_EFFORTS: Final = ("none", "low", "medium", "high", "xhigh")
_EFFORTS: Final = (*_CHAT_EFFORTS, "max")


def unrecognized(names: Sequence[str]) -> str:
    """What older models answer in chat to members that they do not know."""
    plural = "s" if len(names) > 1 else ""
    return f"Unrecognized request argument{plural} supplied: {', '.join(map(clipped, sorted(names)))}"


def is_older(model: JSON) -> bool:
    """Whether it is a model whose errors in chat name no parameter that it does not know."""
    return isinstance(model, str) and re.fullmatch(_OLDER, model) is not None


def _unsupported(member: str) -> str:
    return f"Unsupported parameter: '{member}' is not supported with this model."


def _supported(values: Sequence[str]) -> str:
    return f"Supported values are: {listing([quoted(one) for one in values])}."


def _refused_members(
    models: str, form: str, source: str, members: dict[str, tuple[JSON, ...]], code: str | None
) -> list[ModelRule]:
    """Rules for members that a model that reasons has only with their default value."""
    return [
        ModelRule(
            models=models,
            form=form,
            member=member,
            message=_unsupported(member),
            code=code,
            source=source,
            accepted=accepted,
            reasoning=True,
        )
        for member, accepted in members.items()
    ]


MODEL_RULES: Final = ModelRules(
    [
        *(
            ModelRule(
                models=_LATEST,
                form="chat",
                member=member,
                message=f"Unknown parameter: '{member}'.",
                code="unknown_parameter",
                source=_MEASURED,
                stage="unknown",
            )
            for member in ("audio", "modalities", "web_search_options")
        ),
        ModelRule(
            models=_OLDER,
            form="chat",
            member="reasoning_effort",
            message=unrecognized(["reasoning_effort"]),
            code=None,
            source=_REPORTED,
            stage="unknown",
            param=None,
        ),
        ModelRule(
            models=f"{_LATEST}|{_FIRST}|{_O_MODELS}",
            form="chat",
            member="max_tokens",
            message=f"{_unsupported('max_tokens')} Use 'max_completion_tokens' instead.",
            code="unsupported_parameter",
            source=f"{_MEASURED}; {_RECORDED}; {_REPORTED}",
            stage="early",
        ),
        ModelRule(
            models=r"o1-mini\b.*",
            form="chat",
            member="messages[].role",
            message="Unsupported value: '{path}' does not support {value} with this model.",
            code="unsupported_value",
            source=_RECORDED,
            rejected=("system", "developer"),
        ),
        *_refused_members(
            r"(gpt-5\.6|gpt-5-mini|o1-mini)\b.*",
            "chat",
            f"{_MEASURED}; {_RECORDED}",
            {"stop": ()},
            "unsupported_parameter",
        ),
        *_refused_members(
            _LATEST,
            "chat",
            f"{_MEASURED}; {_REPORTED}",
            {"prediction": (), "logprobs": (False,), "logit_bias": ({},)},
            "unsupported_parameter",
        ),
        *_refused_members(
            _FIXED,
            "chat",
            f"{_MEASURED}; {_REPORTED}",
            {"top_p": (1,), "frequency_penalty": (0,), "presence_penalty": (0,)},
            "unsupported_parameter",
        ),
        ModelRule(
            models=_FIXED,
            form="chat",
            member="temperature",
            message=(
                "Unsupported value: 'temperature' does not support {value} with this model. Only "
                "the default (1) value is supported."
            ),
            code="unsupported_value",
            source=f"{_MEASURED}; {_REPORTED}",
            accepted=(1,),
            reasoning=True,
        ),
        *_refused_members(r"o3-mini\b.*", "chat", _REPORTED, {"temperature": ()}, "unsupported_parameter"),
        ModelRule(
            models=_LATEST,
            form="chat",
            member="reasoning_effort",
            message=(
                "Unsupported value: 'reasoning_effort' does not support {value} with this model. "
                f"{_supported(_CHAT_EFFORTS)}"
            ),
            code="unsupported_value",
            source=_MEASURED,
            accepted=_CHAT_EFFORTS,
        ),
        ModelRule(
            models=rf"{_LATEST}|gpt-5\.4\b.*|{_NEXT}",
            form="chat",
            member="tools[].type",
            message=(
                "Function tools with reasoning_effort are not supported for {model} in /v1/chat/completions. To use "
                "function tools, use /v1/responses or set reasoning_effort to 'none'."
            ),
            code=None,
            source=_REPORTED,
            rejected=("function",),
            reasoning=True,
            param="reasoning_effort",
        ),
        *_refused_members(
            _FIXED,
            "responses",
            f"{_MEASURED}; {_REPORTED}",
            {"temperature": (1,), "top_p": (1,), "frequency_penalty": (0,), "presence_penalty": (0,)},
            None,
        ),
        ModelRule(
            models=_LATEST,
            form="responses",
            member="include",
            message="logprobs are not supported with reasoning models.",
            code="unsupported_parameter",
            source=_MEASURED,
            rejected=("message.output_text.logprobs",),
            reasoning=True,
        ),
        ModelRule(
            models=_LATEST,
            form="responses",
            member="reasoning.effort",
            message=(
                f"Unsupported value: {{value}} is not supported with the '{{model}}' model. {_supported(_EFFORTS)}"
            ),
            code="unsupported_value",
            source=_MEASURED,
            accepted=_EFFORTS,
        ),
    ]
)


def effort_of(body: JSONObject, model: str) -> str | None:
    """The effective reasoning effort of a request; None for a model that does not reason."""
    for path in ("reasoning.effort", "reasoning_effort"):
        for _, given in members_of(body, path):
            if isinstance(given, str):
                return given
    return traits_of(model).effort


def model_rejections(
    body: JSONObject, form: str, rules: Sequence[ModelRules], stage: str | None = None
) -> Iterator[Rejection]:
    """Rejections of the members of a body that its model does not support; of one stage where it
    is given."""
    model = body.get("model")
    if not isinstance(model, str):
        return
    for rule in (one for each in rules for one in each.of(model, form)):
        if stage not in (None, rule.stage):
            continue
        found = rule.rejected_values(body)
        if not found or (rule.reasoning and effort_of(body, model) in (None, "none")):
            continue
        for path, value in found if rule.param == "" else found[:1]:
            message = rule.message.replace("{value}", quoted(value)).replace("{path}", path).replace("{model}", model)
            yield rejection(
                "request.model", path, message, code=rule.code, param=path if rule.param == "" else rule.param
            )
