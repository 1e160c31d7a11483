"""The output items. What an item only has once it is done is under `final`.

Types without a table here are legal items of which only the type and the id are known.
"""

from __future__ import annotations

from typing import Final

from mockserver.model.json import JSON


def _item(
    kind: str, required: dict[str, JSON], optional: dict[str, JSON], **final: JSON
) -> tuple[str, JSON]:
    always: dict[str, JSON] = {"id": "id", "type": f"={kind}", **required}
    return f"item.{kind}", {"required": always, "optional": optional, "final": dict(final)}


_CALLER: Final[dict[str, JSON]] = {"caller": "object|null", "created_by": "string|null"}

ITEM_KINDS: Final[dict[str, JSON]] = {
    "item.other": {"required": {"type": "string"}, "optional": {"id": "id"}},
    "mcp.tool": {
        "required": {"name": "string", "input_schema": "object"},
        "optional": {"annotations": "object|null", "description": "string|null"},
    },
    **dict(
        (
            _item(
                "message",
                {"role": "=assistant", "content": "[@part.*]", "status": "#status.item"},
                {"phase": "string|null"},
            ),
            _item(
                "reasoning",
                {"summary": "[@part.summary_text]"},
                {
                    "content": "[@part.reasoning_text]|null",
                    "encrypted_content": "string|null",
                    "status": "#status.item|null",
                },
            ),
            _item(
                "function_call",
                {"call_id": "id", "name": "string", "arguments": "string"},
                {"status": "#status.item", "namespace": "string|null", **_CALLER},
            ),
            _item(
                "custom_tool_call",
                {"call_id": "id", "name": "string", "input": "string"},
                {"status": "#status.item", "namespace": "string|null", **_CALLER},
            ),
            _item("web_search_call", {"status": "#status.web_search_call"}, {}, action="object"),
            _item(
                "file_search_call",
                {"status": "#status.file_search_call", "queries": "[string]"},
                {"results": "list|null"},
            ),
            _item(
                "code_interpreter_call",
                {
                    "status": "#status.code_interpreter_call",
                    "container_id": "string",
                    "code": "string|null",
                    "outputs": "list|null",
                },
                {},
            ),
            _item(
                "image_generation_call",
                {"status": "#status.image_generation_call"},
                {
                    "action": "string|null",
                    "background": "string|null",
                    "output_format": "string|null",
                    "quality": "string|null",
                    "revised_prompt": "string|null",
                    "size": "string|null",
                },
                result="string|null",
            ),
            _item(
                "mcp_list_tools",
                {"server_label": "string", "tools": "[@mcp.tool]"},
                {"error": "string|object|null"},
            ),
            _item(
                "mcp_call",
                {"server_label": "string", "name": "string", "arguments": "string"},
                {
                    "approval_request_id": "string|null",
                    "error": "string|object|null",
                    "output": "string|null",
                    "status": "#status.mcp_call",
                },
            ),
            _item(
                "mcp_approval_request",
                {"server_label": "string", "name": "string", "arguments": "string"},
                {},
            ),
            _item(
                "local_shell_call",
                {"call_id": "id", "action": "object", "status": "#status.item"},
                {},
            ),
            _item(
                "shell_call",
                {"call_id": "id", "action": "object", "status": "#status.item"},
                {"environment": "object|null", "max_output_length": "integer|null", **_CALLER},
            ),
            _item(
                "shell_call_output",
                {"call_id": "id", "output": "list", "status": "#status.item"},
                {"max_output_length": "integer|null", **_CALLER},
            ),
            _item(
                "apply_patch_call",
                {"call_id": "id", "operation": "object", "status": "#status.item"},
                _CALLER,
            ),
            _item(
                "apply_patch_call_output",
                {"call_id": "id", "status": "string"},
                {"output": "string|null", **_CALLER},
            ),
            _item(
                "computer_call",
                {"call_id": "id", "pending_safety_checks": "list", "status": "#status.item"},
                {"action": "object|null", "actions": "list|null"},
            ),
            _item(
                "tool_search_call",
                {
                    "call_id": "string|null",
                    "execution": "string",
                    "arguments": "any",
                    "status": "#status.item",
                },
                {"created_by": "string|null"},
            ),
            _item(
                "tool_search_output",
                {
                    "call_id": "string|null",
                    "execution": "string",
                    "tools": "list",
                    "status": "#status.item",
                },
                {"created_by": "string|null"},
            ),
            _item("compaction", {"encrypted_content": "string"}, {"created_by": "string|null"}),
            _item("program", {"call_id": "id", "code": "string", "fingerprint": "string"}, {}),
            _item("program_output", {"call_id": "id", "result": "string", "status": "string"}, {}),
        )
    ),
}

_ENDED: Final[list[JSON]] = ["completed", "failed"]

ITEM_VALUES: Final[dict[str, JSON]] = {
    "status.item": ["in_progress", "completed", "incomplete"],
    "status.web_search_call": ["in_progress", "searching", *_ENDED],
    "status.file_search_call": ["in_progress", "searching", "incomplete", *_ENDED],
    "status.code_interpreter_call": ["in_progress", "interpreting", "incomplete", *_ENDED],
    "status.image_generation_call": ["in_progress", "generating", *_ENDED],
    "status.mcp_call": ["in_progress", "calling", "incomplete", *_ENDED],
}
