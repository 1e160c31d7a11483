"""Calls of the hosted searches: of the web, and of files."""

from __future__ import annotations

from typing import Final

from mockserver.items.events import stages
from mockserver.items.raw import hosted
from mockserver.items.spec import (
    ID_KEY,
    OBJECTS,
    OVERLAPS_KEY,
    TEXTS,
    AddedStatus,
    EndStatus,
    Form,
    ItemSpec,
    Key,
    KeyType,
    status_key,
)
from mockserver.model.json import JSON, JSONObject

_STAGES: Final = ("in_progress", "searching")
_STATUS_KEY: Final = status_key("How the search ended. Default: completed.")


def _web_action(fields: JSONObject) -> JSONObject:
    """A query becomes the action of a search."""
    given: JSON = fields.pop("web_search")
    action: JSONObject = dict(given) if isinstance(given, dict) else {"type": "search", "query": given}
    return {"action": action | fields}


_ACTION = KeyType(
    {
        "title": "a query, or a mapping in the wire's own shape of an action",
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
    Key("web_search", _ACTION, "The query, or the whole action: {type: open_page, url: …}.", default=""),
    Key("sources", OBJECTS, "Sources of the search, as {type: url, url: …}."),
    _STATUS_KEY,
    ID_KEY,
    OVERLAPS_KEY,
    make=hosted("web_search_call", _web_action),
)
_FILES = Form(
    Key("file_search", TEXTS, "The query or queries.", "queries", default=()),
    Key("results", OBJECTS, "What was found. Default: null, as when it was not asked for.", default=None),
    _STATUS_KEY,
    ID_KEY,
    OVERLAPS_KEY,
    make=hosted("file_search_call"),
)

SPECS = (
    ItemSpec(
        type="web_search_call",
        forms=(_WEB,),
        prefix="ws_",
        status=EndStatus.COMPLETED,
        added_status=AddedStatus.DEMANDED,
        added_without=("action",),
        events=stages("web_search_call", *_STAGES),
        members="status:#status.web_search_call action!:object",
        values={"status.web_search_call": "in_progress searching incomplete completed failed"},
        stream="""
web_search_call.in_progress
web_search_call.searching
web_search_call.completed
""",
        about="the steps of a search",
        grammar="""
open: web_search_call.in_progress > in progress
in progress: web_search_call.searching > searching
searching: web_search_call.completed > completed
completed: done
""",
        breaks_off=True,
    ),
    ItemSpec(
        type="file_search_call",
        forms=(_FILES,),
        prefix="fs_",
        status=EndStatus.OF_REPLY,
        added_status=AddedStatus.DEMANDED,
        added={"queries": [], "results": None},
        empty={"queries": ([],), "results": (None, [])},
        events=stages("file_search_call", *_STAGES),
        members="status:#status.file_search_call queries:[string] results?:list|null",
        values={"status.file_search_call": "in_progress searching incomplete completed failed"},
        stream="""
file_search_call.in_progress
file_search_call.searching
file_search_call.completed
""",
        about="the steps of a search",
        grammar="""
open: file_search_call.in_progress > in progress
in progress: file_search_call.searching > searching
searching: file_search_call.completed > completed
completed: done
""",
        breaks_off=True,
    ),
)
