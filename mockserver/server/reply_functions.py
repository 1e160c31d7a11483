"""Replies made by a function of the test's own process, read and validated like a scenario's.

The function runs on the server's loop, between two requests: it sees the whole request, and
nothing else is served while it runs.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace

from mockserver.errors import Position, ScenarioError, UsageError
from mockserver.model.call import Call
from mockserver.model.endpoint import Shape
from mockserver.model.journal import ExchangeKind, Record, decoded_body
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import Reply, ReplyFunction, ReplyFunctionError
from mockserver.model.request import Request
from mockserver.model.stub import Scenario
from mockserver.report.serialize import entry_document
from mockserver.scenario.dialects import DialectSource
from mockserver.scenario.load import load_value

_NAME = "made"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionReply:
    """Calls `function`; `place` is that of the stub. Like its stub the reply uses the default
    dialect of `dialects`."""

    function: ReplyFunction
    dialects: DialectSource
    place: Position

    def __call__(self, request: Request, call: Call, *, shape: Shape, number: int) -> Reply:
        record = Record(
            number=number,
            kind=ExchangeKind.CALL,
            at_s=0.0,
            request=request,
            endpoint=call.endpoint,
            parameters=call.parameters,
            streams=call.stream,
            decoded=decoded_body(request, call),
        )
        given = self._call(entry_document(record, reveal=True))
        if not isinstance(given, str | dict):
            raise ReplyFunctionError(f"the reply function returned {given!r:.80}, expected a text or a mapping")
        stub: JSONObject = {"name": _NAME, "on": call.endpoint.value, "reply": given}
        try:
            scenario = load_value({"stubs": [stub]}, _NAME, self.dialects, origin=self.place.file)
        except ScenarioError as error:
            wrong = "; ".join(f"{one.key_path.removeprefix('stubs[0].')}: {one.message}" for one in error.problems)
            raise ReplyFunctionError(f"the reply function returned a wrong reply: {wrong}") from error
        [made] = scenario.stubs
        if shape not in made.shapes:
            raise ReplyFunctionError(f"the reply function returned a reply that {shape} cannot express")
        return replace(made.replies[0], origin=self.place)

    def _call(self, document: JSONObject) -> JSON:
        try:
            return self.function(document)
        except (KeyboardInterrupt, SystemExit):
            raise
        except UsageError as error:
            raise ReplyFunctionError(f"the reply function returned no reply: {error}") from error
        except BaseException as error:  # `pytest.fail` raises no Exception
            place = traceback.extract_tb(error.__traceback__)[-1]
            text = traceback.format_exception_only(error)[-1].strip()
            where = f"{place.filename}:{place.lineno}"
            raise ReplyFunctionError(f"the reply function raised {text} ({where})") from error


def with_functions(
    scenario: Scenario, functions: tuple[ReplyFunction | None, ...], dialects: DialectSource
) -> Scenario:
    """The scenario with the replies of its only stub made by these functions, None for one that is
    written."""
    if not functions:
        return scenario
    [stub] = scenario.stubs
    replies = tuple(
        reply
        if function is None
        else replace(reply, factory=FunctionReply(function=function, dialects=dialects, place=stub.origin))
        for reply, function in zip(stub.replies, functions, strict=True)
    )
    return replace(scenario, stubs=(replace(stub, replies=replies),))
