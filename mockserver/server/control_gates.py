"""The control routes of gates: set one up, look at it, let replies go on."""

from __future__ import annotations

from difflib import get_close_matches

from mockserver.errors import UsageError
from mockserver.faults.place import PLACE, Place
from mockserver.model.fault import FaultValueError
from mockserver.model.json import JSON, JSONObject
from mockserver.model.stub_set import StubSet
from mockserver.server.control_message import ControlError, ControlReply, ControlRequest, object_of
from mockserver.server.gates import Gate
from mockserver.server.sandbox import Sandbox
from mockserver.server.sandboxes import Sandboxes

_HEAD: JSON = {"at": "head"}


def list_gates(sandboxes: Sandboxes, asked: ControlRequest, _rest: str) -> ControlReply:
    listed: list[JSON] = [_document(gate) for gate in sandboxes.get(asked.sandbox).gates]
    return ControlReply(document={"gates": listed})


def add_gate(sandboxes: Sandboxes, asked: ControlRequest, _rest: str) -> ControlReply:
    body = object_of(asked, "stub", "at")
    sandbox = sandboxes.get(asked.sandbox)
    gate = sandbox.gates.add(_stub(body.get("stub"), sandbox.board), _place(body.get("at", _HEAD)))
    return ControlReply(status=201, document=_document(gate))


def clear_gates(sandboxes: Sandboxes, asked: ControlRequest, _rest: str) -> ControlReply:
    return _released(sandboxes.get(asked.sandbox).gates.clear())


def one_gate(sandboxes: Sandboxes, asked: ControlRequest, number: str) -> ControlReply:
    return ControlReply(document=_document(_gate(sandboxes.get(asked.sandbox), number)))


def remove_gate(sandboxes: Sandboxes, asked: ControlRequest, number: str) -> ControlReply:
    sandbox = sandboxes.get(asked.sandbox)
    gate = _gate(sandbox, number)
    return _released(sandbox.gates.remove(gate.number) or ())


def release(sandboxes: Sandboxes, asked: ControlRequest, number: str) -> ControlReply:
    gate = _gate(sandboxes.get(asked.sandbox), number)
    given = object_of(asked, "requests").get("requests")
    if given is None:
        return _released(gate.release_all())
    if not isinstance(given, list):
        raise UsageError(f"'requests': wanted a list of numbers of the journal, got {given!r}")
    held = gate.held
    wanted = [one for one in given if isinstance(one, int) and one in held]
    if len(wanted) < len(given):
        strange = next(one for one in given if one not in wanted)
        raise UsageError(f"'requests': {strange!r} does not wait at the gate: {_told(held)}")
    for one in wanted:
        gate.release(one)
    return _released(tuple(wanted))


def _released(numbers: tuple[int, ...]) -> ControlReply:
    return ControlReply(document={"released": [*numbers]})


def _told(held: tuple[int, ...]) -> str:
    return f"wanted some of {', '.join(map(str, held))}" if held else "nothing does"


def _gate(sandbox: Sandbox, number: str) -> Gate:
    gate = sandbox.gates.get(int(number))
    if gate is None:
        raise ControlError(404, f"no gate {number} in sandbox {sandbox.name!r}")
    return gate


def _document(gate: Gate) -> JSONObject:
    return {
        "gate": gate.number,
        "stub": gate.stub,
        "at": str(gate.place),
        "open": gate.open,
        "held": [*gate.held],
    }


def _stub(name: JSON, board: StubSet) -> str:
    names = [mounted.stub.name for mounted in board.mounted]
    if not isinstance(name, str):
        raise UsageError(f"'stub': wanted the name of a stub, got {name!r}")
    if name in names:
        return name
    near = get_close_matches(name, names, n=1)
    known = f"there are {', '.join(map(repr, names))}" if names else "none is loaded"
    raise ControlError(404, f"no stub {name!r}: {f'did you mean {near[0]!r}?' if near else known}")


def _place(value: JSON) -> Place:
    try:
        return PLACE.read(value, "at")
    except FaultValueError as error:
        raise UsageError(str(error)) from None
