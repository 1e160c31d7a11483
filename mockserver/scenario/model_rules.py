"""Model rules of a scenario, from `model_rules`."""

from __future__ import annotations

from fnmatch import translate

from mockserver.model.cursor import Cursor
from mockserver.model.model_rule import ModelRule, ModelRules

_MESSAGE = "Unsupported parameter: '{path}' is not supported with this model."
_CODE = "unsupported_parameter"


def read_model_rules(section: Cursor | None) -> ModelRules | None:
    """The rules as they are written; None for none."""
    if section is None or not section.clean:
        return None
    return ModelRules([_rule(one) for one in section.elements()])


def _rule(given: Cursor) -> ModelRule:
    source = given.object
    accepted, rejected = source.get("accepted"), source.get("rejected")
    message, code = source.get("message"), source.get("code", _CODE)
    return ModelRule(
        models=translate(str(source["models"])),
        form=str(source.get("on", "chat")),
        member=str(source["member"]),
        message=message if isinstance(message, str) else _MESSAGE,
        code=code if isinstance(code, str) else None,
        source=given.log.document.origin,
        accepted=tuple(accepted) if isinstance(accepted, list) else (),
        rejected=tuple(rejected) if isinstance(rejected, list) else (),
        reasoning=source.get("reasoning") is True,
    )
