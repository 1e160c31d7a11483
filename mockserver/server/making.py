"""Replies made by a function of the test's own process, read and proven like a scenario's.

The function runs on the server's loop, between two requests: it sees the request whole, and
nothing else is served while it runs.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace

from mockserver.errors import Position, ScenarioError, UsageError
from mockserver.model.call import Call
from mockserver.model.endpoint import Shape
from mockserver.model.journal import Entry, ExchangeKind
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import Reply
from mockserver.model.reply_function import ReplyFunction, ReplyFunctionError
from mockserver.model.request import Request
from mockserver.model.stub import Scenario
from mockserver.report.serialize import entry_document
from mockserver.scenario.dialects import DialectSource
from mockserver.scenario.load import load_value

_NAME = "made"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionMaker:
    """Asks `function`; `place` is the stub's. Like its stub the reply speaks the default dialect
    of `dialects`."""

    function: ReplyFunction
    dialects: DialectSource
    place: Position

    def __call__(self, request: Request, call: Call, *, shape: Shape, number: int) -> Reply:
        entry = Entry(number=number, kind=ExchangeKind.CALL, at_s=0.0, request=request, call=call)
        told = self._called(entry_document(entry, reveal=True))
        if not isinstance(told, str | dict):
            raise ReplyFunctionError(f"its function gave {told!r:.80}, wanted a text or a mapping")
        stub: JSONObject = {"name": _NAME, "on": call.endpoint.value, "reply": told}
        try:
            scenario = load_value({"stubs": [stub]}, _NAME, self.dialects, origin=self.place.file)
        except ScenarioError as error:
            wrong = "; ".join(
                f"{one.key_path.removeprefix('stubs[0].')}: {one.message}" for one in error.problems
            )
            raise ReplyFunctionError(f"its function gave a reply that is wrong: {wrong}") from error
        [made] = scenario.stubs
        if shape not in made.shapes:
            raise ReplyFunctionError(f"its function gave a reply that cannot be said as {shape}")
        return replace(made.replies[0], origin=self.place)

    def _called(self, document: JSONObject) -> JSON:
        try:
            return self.function(document)
        except (KeyboardInterrupt, SystemExit):
            raise
        except UsageError as error:
            raise ReplyFunctionError(f"its function gave what is no reply: {error}") from error
        except BaseException as error:  # `pytest.fail` raises no Exception
            place = traceback.extract_tb(error.__traceback__)[-1]
            said = traceback.format_exception_only(error)[-1].strip()
            where = f"{place.filename}:{place.lineno}"
            raise ReplyFunctionError(f"its function raised {said} ({where})") from error


def with_makers(
    scenario: Scenario, functions: tuple[ReplyFunction | None, ...], dialects: DialectSource
) -> Scenario:
    """The scenario whose only stub has its replies made by these functions, None for one that
    stays as it is written."""
    if not functions:
        return scenario
    [stub] = scenario.stubs
    replies = tuple(
        reply
        if function is None
        else replace(
            reply,
            factory=FunctionMaker(
                function=function,
                dialects=dialects,
                place=stub.origin,
            ),
        )
        for reply, function in zip(stub.replies, functions, strict=True)
    )
    return replace(scenario, stubs=(replace(stub, replies=replies),))
