"""Items that are added and done, without events between: computer use, tool search, programs."""

from __future__ import annotations

from mockserver.items.spec import AddedStatus, EndStatus, ItemSpec

SPECS = (
    ItemSpec(
        type="computer_call",
        prefix="cu_",
        status=EndStatus.OF_REPLY,
        unfinished=True,
        members=("call_id:id pending_safety_checks:list status:#status.item action?:object|null actions?:list|null"),
    ),
    ItemSpec(
        type="tool_search_call",
        prefix="tsc_",
        # The call_id of a search that the client runs differs when it is done (observed in 2026-03).
        quirks=frozenset({"responses.item.same"}),
        status=EndStatus.OF_REPLY,
        members=("call_id:string|null execution:string arguments:any status:#status.item created_by?:string|null"),
    ),
    ItemSpec(
        type="tool_search_output",
        prefix="tso_",
        status=EndStatus.OF_REPLY,
        added_status=AddedStatus.OF_END,
        members=("call_id:string|null execution:string tools:list status:#status.item created_by?:string|null"),
    ),
    ItemSpec(
        type="program",
        prefix="cm_",
        added={"code": ""},
        empty={},
        opaque=("fingerprint",),
        members="call_id:id code:string fingerprint:string",
    ),
    ItemSpec(
        type="program_output",
        prefix="cmo_",
        status=EndStatus.COMPLETED,
        added_status=AddedStatus.OF_END,
        members="call_id:id result:string status:string",
    ),
)
