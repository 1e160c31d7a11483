"""The request tables of responses and compact, in the order in which the API checks a body.

Sources: recorded 400 replies and refusals measured against the official API, 2026-08 to 2026-10.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mockserver.contract import responses_members as members
from mockserver.contract.body_index import BodyIndex
from mockserver.contract.data_urls import check_file_data, check_image_url, is_no_image
from mockserver.contract.error_messages import quoted
from mockserver.contract.request_table import BodyCheck, RequestTable
from mockserver.contract.request_types import Kind, read_kinds, read_type, tagged_kind
from mockserver.contract.strict_schema import check_format, check_functions, check_json_mode
from mockserver.model.findings import Severity
from mockserver.model.json import JSON, JSONObject

_LONG_URL: Final = read_type("string(..20971520)")
_ID: Final = re.compile(r"[a-zA-Z0-9_-]+")
# Source: 400 replies in public reports, 2025-03 to 2026-10.
_ID_PREFIXES: Final = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "function_call_output": "fc",
    "custom_tool_call": "ctc",
    "web_search_call": "ws",
}
_HISTORIES: Final = ("previous_response_id", "prompt", "conversation")
_MOVED: Final = {
    "messages": "input",
    "response_format": "text.format",
    "functions": "tools",
    "function_call": "tool_choice",
    "reasoning_effort": "reasoning.effort",
}


def _first(check: BodyCheck) -> None:
    body = check.body
    if "model" not in body and "prompt" not in body:
        check.missing("model")
    if "messages" in body:
        _moved(check, "messages")
    elif "input" not in body and "prompt" not in body and "conversation" not in body:
        check.missing("input")
    for name in (one for one in body if one in _MOVED and one != "messages"):
        _moved(check, name)
    check.unknown_members(_MOVED)


def _moved(check: BodyCheck, name: str) -> None:
    message = (
        f"Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to "
        f"'{_MOVED[name]}'. Try again with the new parameter. See the API documentation for more "
        "information: https://platform.openai.com/docs/api-reference/responses/create."
    )
    check.report("foreign", name, message, "unsupported_parameter", param=None)


def _histories(check: BodyCheck, value: JSON) -> None:
    if value is not None and check.body.get("conversation") is not None:
        message = (
            "Mutually exclusive parameters: ''. Ensure you are only providing one of: 'pre..._id' or 'conversation'."
        )
        code = "mutually_exclusive_parameters"
        check.report("one_history", "previous_response_id", message, code, param=None)


def _text(check: BodyCheck, text: JSON) -> None:
    form = text.get("format") if isinstance(text, dict) else None
    if isinstance(form, dict) and form.get("type") == "json_schema" and form.get("strict") is not False:
        path = "text.format.schema"
        check_format(check, form, path, "invalid_json_schema", param=path)
    if not any(check.body.get(name) for name in _HISTORIES):
        message = (
            "Response input messages must contain the word 'json' in some form to use 'text.format' of type "
            "'json_object'."
        )
        check_json_mode(check, form, "input", message)


def _offered(check: BodyCheck, choice: JSON) -> None:
    several = isinstance(choice, dict) and choice.get("type") == "allowed_tools"
    for kind, name in BodyIndex(check.body).not_offered if isinstance(choice, dict) else ():
        message = f"Tool choice {quoted((several and name) or kind)} not found in 'tools' parameter."
        check.report("tool_choice_offered", "tool_choice", message, None)


def _empty_input(check: BodyCheck, value: JSON) -> None:
    if value in ("", []) and not any(check.body.get(name) for name in _HISTORIES):
        message = (
            """One of "input" or "previous_response_id" or 'prompt' or 'conversation' must be """
            "provided."
        )
        check.report("missing", "input", message, "missing_required_parameter", param=None)


def _known_model(check: BodyCheck, model: JSON) -> None:
    if model == "":
        message = "The requested model '' does not exist."
        check.report("model", "model", message, "model_not_found")
    check.model_rules("late")


def _images(check: BodyCheck, _: JSON) -> None:
    if check.bad_image:
        message = (
            "The image data you provided does not represent a valid image. Please check your input and try again with "
            "one of the supported image formats: ['image/jpeg', 'image/png', 'image/gif', 'image/webp']."
        )
        check.report("value", "input", message, "invalid_value")


def _model(check: BodyCheck, value: JSON, path: str) -> None:
    if not isinstance(value, str):
        check.wrong_type(path, value, "a string", got="an object" if value is None else "")


def _input(check: BodyCheck, value: JSON, path: str) -> None:
    if value is None:
        check.wrong_type(path, value, "a string", got="an object")
    elif isinstance(value, str):
        check.value(value, check.table.kinds["part.input_text"].members["text"], path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _item(check, item, check.element(path, index))
    else:
        check.wrong_type(path, value, "one of a string or array of input items")


def _item(check: BodyCheck, item: JSON, path: str) -> None:
    if not isinstance(item, dict):
        check.wrong_type(path, item, "an input item")
        return
    kinds, values, kind = check.table.kinds, check.table.values, item.get("type")
    if "type" not in item or kind is None:
        kind = "item_reference" if "id" in item and "role" not in item else "message"
    if "id" in item:
        check.calls_tools = True
        _item_id(check, item, kind, path)
    if kind != "message":
        check.calls_tools = True
        name = kind if isinstance(kind, str) else ""
        if f"item.{name}" not in kinds:
            check.wrong_value(path, name, values["item"])
        else:
            check.object(item, kinds[f"item.{name}"], path)
        return
    role = item.get("role")
    if not isinstance(role, str) or role not in values["role"]:
        check.wrong_value(path, role if isinstance(role, str) else "", values["role"])
    else:
        check.object(item, kinds["message.assistant" if role == "assistant" else "message.user"], path)


def _item_id(check: BodyCheck, item: JSONObject, kind: JSON, path: str) -> None:
    if isinstance(item.get("id"), str):
        _id(check, item["id"], f"{path}.id", _ID_PREFIXES.get(str(kind), ""))


def _id(check: BodyCheck, found: JSON, where: str, prefix: str) -> None:
    if not isinstance(found, str):
        check.wrong_type(where, found, "a string")
    elif not _ID.fullmatch(found):
        message = (
            f"Invalid '{where}': {quoted(found)}. Expected an ID that contains letters, numbers, "
            "underscores, or dashes, but this value contained additional characters."
        )
        check.report("value", where, message, "invalid_value")
    elif not found.startswith(prefix):
        message = f"Invalid '{where}': {quoted(found)}. Expected an ID that begins with '{prefix}'."
        check.report("value", where, message, "invalid_value")


def _previous(check: BodyCheck, value: JSON, path: str) -> None:
    _id(check, value, path, "resp")


def _conversation(check: BodyCheck, value: JSON, path: str) -> None:
    if isinstance(value, dict):
        check.object(value, check.table.kinds["conversation"], path)
        if isinstance(value.get("id"), str):
            _id(check, value["id"], f"{path}.id", "conv")
    elif isinstance(value, str):
        _id(check, value, path, "conv")
    else:
        check.wrong_type(path, value, "one of a string or object")


def _check_reasoning(check: BodyCheck, items: JSON) -> None:
    """A reasoning item is sent back with the item that the model produced after it."""
    waiting: JSON = None
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and item.get("type") == "reasoning":
            waiting = item.get("id")
            continue
        role = item.get("role") if isinstance(item, dict) else None
        if isinstance(waiting, str) and role in ("user", "system", "developer"):
            break
        waiting = None
    if isinstance(waiting, str):
        message = f"Item {quoted(waiting)} of type 'reasoning' was provided without its required following item."
        check.report("input.reasoning_followed", "input", message, None)


def _said_part(check: BodyCheck, part: JSON, path: str) -> None:
    if not isinstance(part, dict):
        check.wrong_type(path, part, "an object")
        return
    kind = part.get("type")
    if not isinstance(kind, str) or kind not in check.table.values["said_part"]:
        name = kind if isinstance(kind, str) else ""
        check.wrong_value(path, name, check.table.values["said_part"])
    else:
        check.object(part, check.table.kinds[f"part.{kind}"], path)


def _file_data(check: BodyCheck, data: JSON, path: str) -> None:
    if isinstance(data, str):
        check_file_data(check, data, path)
    elif data is not None:
        check.wrong_type(path, data, "a string")


def _image_url(check: BodyCheck, url: JSON, path: str) -> None:
    if not isinstance(url, str):
        check.wrong_type(path, url, "a string")
        return
    check.bad_image |= is_no_image(url)
    check.value(url, _LONG_URL, path)
    check_image_url(check, url, path)


def _tool_choice(check: BodyCheck, value: JSON, path: str) -> None:
    values = check.table.values["tool_choice"]
    if isinstance(value, str):
        if value not in values:
            check.wrong_value(path, value, values)
    elif isinstance(value, dict):
        if value.get("type") not in check.table.values["hosted_choice"]:
            kind = tagged_kind(check, value, "tool_choice.", path)
            if kind is not None:
                check.object(value, kind, path)
    else:
        check.wrong_type(path, value, "one of an object or 'none', 'auto', or 'required'")


def _items() -> dict[str, Kind]:
    """The kinds of items; a client may send its own metadata with each (recorded, 2026-07)."""
    metadata = dict.fromkeys(("metadata", "internal_chat_message_metadata_passthrough"), read_type("any"))
    return {
        name: replace(kind, members={**kind.members, **metadata}) if name.startswith(("item.", "message.")) else kind
        for name, kind in read_kinds(members.ITEMS).items()
    }


RESPONSES: Final = RequestTable(
    kinds=read_kinds(members.BODY) | read_kinds(members.TOOLS) | _items(),
    values=members.VALUES,
    functions={
        "model": _model,
        "input": _input,
        "said_part": _said_part,
        "file_data": _file_data,
        "image_url": _image_url,
        "previous": _previous,
        "conversation": _conversation,
        "tool_choice": _tool_choice,
    },
    form="responses",
    first=_first,
    last=(
        ("previous_response_id", _histories),
        ("input", _check_reasoning),
        ("tools", lambda check, _: check_functions(check, "tools")),
        ("tool_choice", _offered),
        ("text", _text),
        ("input", _empty_input),
        ("model", _known_model),
        ("input", _images),
    ),
    replaces=("request.one_history", "request.stream_usage", "request.tool_choice_offered"),
)


def _first_of_compact(check: BodyCheck) -> None:
    if "model" not in check.body:
        check.missing("model")
    if "stream" in check.body:
        check.unknown("stream", severity=Severity.NOTICE)  # answered whole
    check.unknown_members(other=("stream",))


COMPACT: Final = replace(
    RESPONSES, kinds={**RESPONSES.kinds, **read_kinds(members.COMPACT)}, first=_first_of_compact, last=()
)
