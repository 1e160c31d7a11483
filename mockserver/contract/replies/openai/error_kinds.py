"""The error envelope of an HTTP reply or chat chunk, and the error inside an error event."""

from __future__ import annotations

from typing import Final

from mockserver.core.jsontext import JSON

ERROR_KINDS: Final[dict[str, JSON]] = {
    "error.envelope": {"required": {"error": "@error"}},
    "error": {
        "required": {
            "message": "string",
            "type": "string",
            "param": "string|null",
            "code": "string|null",
        },
    },
    "error.event": {
        "required": {"message": "string"},
        "optional": {"type": "string|null", "param": "string|null", "code": "string|null"},
    },
}
