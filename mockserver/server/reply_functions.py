"""Replies made by a function of the test's own process, read and validated like a scenario's.

A coroutine function is awaited on the server's loop, any other is called in a thread of its own, so
that others are served meanwhile. It sees the whole request. What it returns is read on the loop.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from functools import partial
from inspect import isawaitable, iscoroutinefunction

from mockserver.errors import Position, ScenarioError, UsageError
from mockserver.model.call import Call
from mockserver.model.endpoint import Endpoint, Shape
from mockserver.model.journal import ExchangeKind, Record, decoded_body
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import Reply, ReplyFunction, ReplyFunctionError
from mockserver.model.request import Request
from mockserver.model.route import ANY_PATH
from mockserver.model.stub import Scenario
from mockserver.report.serialize import entry_document
from mockserver.scenario.dialects import DialectSource
from mockserver.scenario.load import load_value
from mockserver.server.worker_threads import in_thread

_NAME = "made"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionReply:
    """Calls `function`; `place` is that of the stub. Like its stub the reply uses the default
    dialect of `dialects`."""

    function: ReplyFunction
    dialects: DialectSource
    place: Position

    async def __call__(self, request: Request, call: Call, *, shape: Shape, number: int) -> Reply:
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
        given = await self._call(entry_document(record, reveal=True))
        if not isinstance(given, str | dict):
            raise ReplyFunctionError(f"the reply function returned {given!r:.80}, expected a text or a mapping")
        on: JSON = {"path": ANY_PATH.path} if call.endpoint == Endpoint.PATH else call.endpoint.value
        stub: JSONObject = {"name": _NAME, "on": on, "reply": given}
        try:
            scenario = load_value({"stubs": [stub]}, _NAME, self.dialects, origin=self.place.file)
        except ScenarioError as error:
            wrong = "; ".join(f"{one.key_path.removeprefix('stubs[0].')}: {one.message}" for one in error.problems)
            raise ReplyFunctionError(f"the reply function returned a wrong reply: {wrong}") from error
        [made] = scenario.stubs
        if shape not in made.shapes:
            raise ReplyFunctionError(f"the reply function returned a reply that {shape} cannot express")
        return replace(made.replies[0], origin=self.place)

    async def _call(self, document: JSONObject) -> JSON:
        if iscoroutinefunction(self.function):
            given: JSON | Awaitable[JSON] = self.function(document)
        else:
            given = await in_thread(partial(self._called, document))
        if not isawaitable(given):
            return given
        try:
            return await given
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise _failed(error) from error

    def _called(self, document: JSONObject) -> JSON | Awaitable[JSON]:
        try:
            return self.function(document)
        except BaseException as error:  # `pytest.fail` raises no Exception
            raise _failed(error) from error


def _failed(error: BaseException) -> ReplyFunctionError:
    if isinstance(error, UsageError):
        return ReplyFunctionError(f"the reply function returned no reply: {error}")
    place = traceback.extract_tb(error.__traceback__)[-1]
    text = traceback.format_exception_only(error)[-1].strip()
    return ReplyFunctionError(f"the reply function raised {text} ({place.filename}:{place.lineno})")


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
