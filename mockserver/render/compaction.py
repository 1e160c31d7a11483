"""Replies in the compaction shape: the user's messages as they came, then one compaction item."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from mockserver.items import Compaction, Text
from mockserver.model.conversation import USER
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import Output
from mockserver.render import usage
from mockserver.render.context import RenderContext


def whole(output: Output, occasion: RenderContext) -> JSONObject:
    """The `response.compaction` object."""
    mint = occasion.mint
    kept: list[JSON] = [
        {
            "id": mint.id("msg_", place),
            "type": "message",
            "status": "completed",
            "content": content,
            "role": USER,
        }
        for place, content in enumerate(_user_contents(occasion.call.body.get("input")))
    ]
    item: JSONObject = {
        "id": mint.id("cmp_"),
        "type": "compaction",
        "encrypted_content": encrypted(output),
    }
    spent = usage.responses_usage(usage.count(output, occasion))
    body: JSONObject = {
        "id": output.id or mint.id("resp_"),
        "object": "response.compaction",
        "created_at": mint.created if output.created is None else output.created,
        "output": [*kept, occasion.dialect.keep("item.compaction", item)],
        "usage": occasion.dialect.keep("usage.responses", spent),
    }
    return occasion.dialect.keep("response.compaction", body) | dict(output.fields)


def _user_contents(given: JSON) -> list[JSON]:
    """The content of every user message, parts as they came, a bare text as one part."""
    items = given if isinstance(given, list) else [{"role": USER, "content": given}]
    return [
        content if isinstance(content, list) else [{"type": "input_text", "text": content}]
        for item in items
        if isinstance(item, dict)
        and item.get("role") == USER
        and isinstance(content := item.get("content"), list | str)
    ]


def encrypted(output: Output) -> str:
    """The content of the compaction item: as scripted, or the scripted text wrapped so that it
    looks as opaque as the upstream's."""
    for item in output.items:
        if isinstance(item, Compaction):
            return item.encrypted
    text = "".join(item.text for item in output.items if isinstance(item, Text))
    return "gAAAAA" + urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode()
