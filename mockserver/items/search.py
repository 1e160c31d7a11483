"""Calls of the hosted searches: of the web, and of files."""

from __future__ import annotations

from typing import Final

from mockserver.items.events import stages
from mockserver.items.keys import HOSTED_KEYS, OBJECTS, TEXTS, Form, Key, KeyType, status_key
from mockserver.items.raw import hosted
from mockserver.items.spec import ItemSpec
from mockserver.model.json import JSON, JSONObject

_STAGES: Final = ("in_progress", "searching")
_STATUS_KEY: Final = status_key("The final status. Default: completed.")


def _web_action(fields: JSONObject) -> JSONObject:
    """A query becomes the action of a search."""
    given: JSON = fields.pop("web_search")
    action: JSONObject = dict(given) if isinstance(given, dict) else {"type": "search", "query": given}
    return {"action": action | fields}


_ACTION = KeyType(
    {
        "title": "a query, or an action as the API sends it",
        "anyOf": [
            {"type": "string"},
            {
                "type": "object",
                "required": ["type"],
                "properties": {"type": {"type": "string", "description": "search, open_page or find_in_page."}},
            },
        ],
    }
)
_WEB = Form(
    Key("web_search", _ACTION, "The query, or the complete action: {type: open_page, url: …}.", default=""),
    Key("sources", OBJECTS, "Sources of the search, as {type: url, url: …}."),
    _STATUS_KEY,
    *HOSTED_KEYS,
    make=hosted("web_search_call", _web_action),
)
_FILES = Form(
    Key("file_search", TEXTS, "The query or queries.", "queries", default=()),
    Key("results", OBJECTS, "The results. Default: null, as if not requested.", default=None),
    _STATUS_KEY,
    *HOSTED_KEYS,
    make=hosted("file_search_call"),
)


def _stream(type_: str) -> str:
    return "\n".join(f"{type_}.{stage}" for stage in (*_STAGES, "completed"))


def _grammar(type_: str) -> str:
    return f"""
open: {type_}.in_progress > in progress
in progress: {type_}.searching > searching
searching: {type_}.completed > completed
completed: done
"""


SPECS = (
    ItemSpec(
        type="web_search_call",
        forms=(_WEB,),
        prefix="ws_",
        status="completed",
        added_status="demanded",
        added_without=("action",),
        events=stages("web_search_call", *_STAGES),
        members="status:#status.web_search_call action!:object",
        values={"status.web_search_call": "in_progress searching incomplete completed failed"},
        stream=_stream("web_search_call"),
        about="the steps of a search",
        grammar=_grammar("web_search_call"),
        breaks_off=True,
    ),
    ItemSpec(
        type="file_search_call",
        forms=(_FILES,),
        prefix="fs_",
        status="of_reply",
        added_status="demanded",
        added={"queries": [], "results": None},
        empty={"queries": ([],), "results": (None, [])},
        events=stages("file_search_call", *_STAGES),
        members="status:#status.file_search_call queries:[string] results?:list|null",
        values={"status.file_search_call": "in_progress searching incomplete completed failed"},
        stream=_stream("file_search_call"),
        about="the steps of a search",
        grammar=_grammar("file_search_call"),
        breaks_off=True,
    ),
)
