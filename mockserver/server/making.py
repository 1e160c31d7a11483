"""Replies made by a function of the test's own process, read and proven like a scenario's.

The function runs on the server's loop, between two requests: it sees the request whole, and
nothing else is served while it runs.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace

from mockserver.core.call import Call
from mockserver.core.endpoint import Shape
from mockserver.core.journal import Entry, Kind
from mockserver.core.jsontext import JSON, Object
from mockserver.core.making import MakingError, ReplyFunction
from mockserver.core.reply import Reply
from mockserver.core.request import Request
from mockserver.core.stub import Scenario
from mockserver.errors import Position, ScenarioError, UsageError
from mockserver.report.document import entry_document
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
        entry = Entry(number=number, kind=Kind.CALL, at_s=0.0, request=request, call=call)
        told = self._called(entry_document(entry, reveal=True))
        if not isinstance(told, str | dict):
            raise MakingError(f"its function gave {told!r:.80}, wanted a text or a mapping")
        stub: Object = {"name": _NAME, "on": call.endpoint.value, "reply": told}
        try:
            scenario = load_value({"stubs": [stub]}, _NAME, self.dialects, origin=self.place.file)
        except ScenarioError as error:
            wrong = "; ".join(
                f"{one.key_path.removeprefix('stubs[0].')}: {one.message}" for one in error.problems
            )
            raise MakingError(f"its function gave a reply that is wrong: {wrong}") from error
        [made] = scenario.stubs
        if shape not in made.shapes:
            raise MakingError(f"its function gave a reply that cannot be said as {shape}")
        return replace(made.replies[0], origin=self.place)

    def _called(self, document: Object) -> JSON:
        try:
            return self.function(document)
        except (KeyboardInterrupt, SystemExit):
            raise
        except UsageError as error:
            raise MakingError(f"its function gave what is no reply: {error}") from error
        except BaseException as error:  # `pytest.fail` raises no Exception
            place = traceback.extract_tb(error.__traceback__)[-1]
            said = traceback.format_exception_only(error)[-1].strip()
            where = f"{place.filename}:{place.lineno}"
            raise MakingError(f"its function raised {said} ({where})") from error


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
            maker=FunctionMaker(
                function=function,
                dialects=dialects,
                place=stub.origin,
            ),
        )
        for reply, function in zip(stub.replies, functions, strict=True)
    )
    return replace(scenario, stubs=(replace(stub, replies=replies),))
