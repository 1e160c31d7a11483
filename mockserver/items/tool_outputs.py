"""Items that a conversation receives from its client and that a response may repeat as output: the
outputs of calls, answers to approval requests, changes of the configuration."""

from __future__ import annotations

from typing import Final

from mockserver.items.spec import CALLER, EndStatus, ItemSpec, Types


def _received(type_: str, prefix: str, members: Types, status: EndStatus = "completed") -> ItemSpec:
    """An item that is added in its final form."""
    return ItemSpec(type=type_, prefix=prefix, status=status, added_status="of_end", members=members)


_STATUS: Final = "status:#status.item"

SPECS = (
    # The late output of a call that the model did not wait for names the function, not the call.
    _received(
        "function_call_output",
        "fco_",
        f"output:string|list {_STATUS} call_id?:string|null name?:string|null namespace?:string|null {CALLER}",
    ),
    _received("custom_tool_call_output", "ctco_", f"call_id:id output:string|list {_STATUS} {CALLER}"),
    ItemSpec(
        type="computer_call_output",
        prefix="cuo_",
        status="completed",
        added_status="of_end",
        members=(
            "call_id:id output:object status:#status.computer_call_output "
            "acknowledged_safety_checks?:list|null created_by?:string|null"
        ),
        values={"status.computer_call_output": "in_progress completed incomplete failed"},
    ),
    _received("local_shell_call_output", "lsho_", "output:string status?:#status.item|null"),
    _received(
        "mcp_approval_response", "mcpa_", "approval_request_id:id approve:boolean reason?:string|null", status="none"
    ),
    _received("additional_tools", "at_", "role:string tools:list", status="none"),
    _received("configuration_update", "cfg_", "reasoning?:object|null text?:object|null", status="none"),
)
