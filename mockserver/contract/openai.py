"""The reply contract of the official API, built from the tables beside this file.

Where documents and recorded traffic differ, both forms are legal: `created_at` is any number, the
error event flat or nested, `name` may stand in the end of function arguments, usage and
`system_fingerprint` may be null, older streams have no `sequence_number`.
"""

from __future__ import annotations

from typing import Final

from mockserver.contract.reply_contract import ReplyContract
from mockserver.contract.types_chat import CHAT_KINDS, CHAT_VALUES, ERROR_KINDS
from mockserver.contract.types_items import ITEM_KINDS, ITEM_VALUES
from mockserver.contract.types_responses import EVENT_KINDS, RESPONSE_KINDS, RESPONSE_VALUES

OPENAI: Final = ReplyContract.from_data(
    {
        "kinds": {**RESPONSE_KINDS, **ITEM_KINDS, **EVENT_KINDS, **CHAT_KINDS, **ERROR_KINDS},
        "values": {**RESPONSE_VALUES, **ITEM_VALUES, **CHAT_VALUES},
        "responses": {
            "done": "forbidden",
            "event_lines": "required",
            "sequence": "optional",
            "overlap": ["mcp_list_tools"],
        },
        "chat": {
            "done": "required",
            "event_lines": "forbidden",
            "usage_on": ["own"],
            "usage_null": "required",
            "role_again": "forbidden",
            "tool_identity": "forbidden",
            "tools_from": 0,
            "empty_chunks": "nowhere",
        },
    },
    base=ReplyContract(),
)
