"""All sandboxes of one server: made by first use or by asking, never evicted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count

from mockserver.core.dialect import Dialect
from mockserver.core.settings import Settings
from mockserver.core.stub import Scenario
from mockserver.errors import MockServerError, UsageError
from mockserver.script.prepared import Prepared
from mockserver.server.sandbox import DEFAULT, Sandbox

LIMIT = 10_000

# Names of sandboxes that were dropped; whoever still asks for an older one makes it anew.
_REMEMBERED = 10_000


class SandboxLimit(MockServerError):  # noqa: N818  # a limit that was met, named like its option
    """No further sandbox can be made before one is dropped."""


class SandboxDropped(MockServerError):  # noqa: N818  # what happened, not what went wrong
    """A request came for a sandbox that was dropped."""


class Sandboxes:
    """`scenarios` are the server's own, `dialect` is spoken where no scenario is loaded, `clock`
    is read when a sandbox is made.

    Exchanges belong to one loop, and wait for nobody. Any thread may make and drop sandboxes, load
    scenarios and judge while it holds `lock`, which is not held for long.
    """

    def __init__(
        self,
        dialect: Dialect,
        *,
        scenarios: tuple[Scenario, ...] = (),
        settings: Settings | None = None,
        limit: int = LIMIT,
        clock: Callable[[], float],
    ) -> None:
        self.scenarios = scenarios
        self.settings = settings or Settings()
        self.dialect = dialect
        self.lock = threading.RLock()
        self._limit = limit
        self._clock = clock
        self._known: dict[str, Sandbox] = {}
        self._dropped: dict[str, None] = {}
        self._numbers = count(1)
        self._prepared = Prepared()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._known)

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def get(self, name: str = DEFAULT) -> Sandbox:
        """The sandbox of that name, made with the server's scenarios on its first use.

        Raises `SandboxLimit` where there are too many, `SandboxDropped` where it was dropped: what
        comes late for it must not find another in its place. `default` is made again.
        """
        found = self._known.get(name)
        return self._first_used(name) if found is None else found

    def _first_used(self, name: str) -> Sandbox:
        with self.lock:
            if name in self._dropped:
                raise SandboxDropped(
                    f"sandbox {name!r} was dropped; this request comes too late, or wants it made "
                    "anew (POST /__admin/sandboxes)"
                )
            found = self._known.get(name)
            return self._make(name, self.scenarios, self.settings) if found is None else found

    def create(
        self,
        name: str | None = None,
        *,
        scenarios: bool = False,
        settings: Settings | None = None,
    ) -> Sandbox:
        """Make a sandbox, empty unless it asks for the server's `scenarios`; without a name one
        is found. Raises `UsageError` for a name that is taken, `SandboxLimit` beyond the limit."""
        with self.lock:
            if name is None:
                numbered = (f"s{number}" for number in self._numbers)
                name = next(one for one in numbered if one not in self._known)
            elif name in self._known:
                raise UsageError(
                    f"there is a sandbox {name!r} already; drop it or take another name"
                )
            return self._make(name, self.scenarios if scenarios else (), settings or self.settings)

    def drop(self, name: str) -> bool:
        """Forget a sandbox and all it holds; whether there was one. To be called on the loop where
        the sandbox has gates."""
        with self.lock:
            dropped = self._known.get(name)
            if dropped is None:
                return False
            if name != DEFAULT:
                # First, so that nobody finds neither the sandbox nor this.
                self._dropped[name] = None
            del self._known[name]
            dropped.gates.clear()
            if len(self._dropped) > _REMEMBERED:
                del self._dropped[next(iter(self._dropped))]
            return True

    def reload(self, scenarios: tuple[Scenario, ...]) -> None:
        """Take other scenarios as the server's own, in every sandbox that has them."""
        with self.lock:
            for sandbox in self._known.values():
                if sandbox.board.initial == self.scenarios:
                    sandbox.board.restart(scenarios)
            self.scenarios = scenarios

    def _make(self, name: str, scenarios: tuple[Scenario, ...], settings: Settings) -> Sandbox:
        if len(self._known) >= self._limit:
            raise SandboxLimit(
                f"there are {self._limit} sandboxes, the limit; drop some "
                "(DELETE /__admin/sandboxes) or raise it with --sandbox-limit"
            )
        made = Sandbox(
            name,
            self.dialect,
            scenarios=scenarios,
            settings=settings,
            made_s=self._clock(),
            prepared=self._prepared,
        )
        self._known[name] = made
        self._dropped.pop(name, None)
        return made
