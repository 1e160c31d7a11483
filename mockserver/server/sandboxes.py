"""All sandboxes of one server: made by first use or by asking, never evicted.

A test that asks nothing of its sandbox should not wait until there is one: an empty sandbox is
reserved, and with the stubs that are good anyway made when somebody comes to it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count

from mockserver.errors import MockServerError, UsageError
from mockserver.model.dialect import Dialect
from mockserver.model.settings import Settings
from mockserver.model.stub import Scenario
from mockserver.pipeline.template_cache import TemplateCache
from mockserver.scenario.casting import Cast
from mockserver.server.sandbox import DEFAULT, Sandbox

LIMIT = 10_000

# Names of sandboxes that were dropped; whoever still asks for an older one makes it anew.
_REMEMBERED = 10_000


class SandboxLimit(MockServerError):  # noqa: N818  # a limit that was met, named like its option
    """No further sandbox can be made before one is dropped."""


class SandboxDropped(MockServerError):  # noqa: N818  # what happened, not what went wrong
    """A request came for a sandbox that was dropped."""


class SandboxTaken(UsageError):  # noqa: N818  # named like the two above
    """There is a sandbox of that name."""


class Vacant:
    """A sandbox that nobody has come to yet: what it will be made of."""

    __slots__ = ("casts", "made_s", "settings")

    def __init__(self, settings: Settings, made_s: float) -> None:
        self.settings = settings
        self.made_s = made_s
        self.casts: list[Cast] = []


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
        self._vacant: dict[str, Vacant] = {}
        self._dropped: dict[str, None] = {}
        self._numbers = count(1)
        self._prepared = TemplateCache()

    @property
    def names(self) -> tuple[str, ...]:
        return (*self._known, *self._vacant)

    def __contains__(self, name: str) -> bool:
        return name in self._known or name in self._vacant

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
            if found is not None:
                return found
            vacant = self._vacant.get(name)
            if vacant is None:
                return self._make(name, self.scenarios, self.settings)
            return self._occupied(name, vacant)

    def _occupied(self, name: str, vacant: Vacant) -> Sandbox:
        made = self._made(name, (), vacant.settings, vacant.made_s)
        for cast in vacant.casts:
            made.load(cast.scenario())
        # First, so that whoever waits for nobody finds it in one of the two.
        self._known[name] = made
        del self._vacant[name]
        return made

    def create(
        self,
        name: str | None = None,
        *,
        scenarios: bool = False,
        settings: Settings | None = None,
    ) -> Sandbox:
        """Make a sandbox, empty unless it asks for the server's `scenarios`; without a name one
        is found. Raises `SandboxTaken` or, beyond the limit, `SandboxLimit`."""
        with self.lock:
            name = self._free(name)
            return self._make(name, self.scenarios if scenarios else (), settings or self.settings)

    def reserve(self, name: str | None = None, *, settings: Settings | None = None) -> str:
        """As `create`, of an empty sandbox that is made when somebody comes to it; gives its
        name."""
        with self.lock:
            name = self._free(name)
            self._admit()
            self._vacant[name] = Vacant(settings or self.settings, self._clock())
            self._dropped.pop(name, None)
            return name

    def vacant(self, name: str) -> Vacant | None:
        """What is known of a sandbox that nobody has come to; None for any other. The lock is to
        be held as long as it is used."""
        return self._vacant.get(name)

    def _free(self, name: str | None) -> str:
        if name is None:
            return next(
                one for one in (f"s{number}" for number in self._numbers) if one not in self
            )
        if name in self._known or name in self._vacant:
            raise SandboxTaken(f"there is a sandbox {name!r} already; drop it or take another name")
        return name

    def drop(self, name: str) -> bool:
        """Forget a sandbox and all it holds; whether there was one. To be called on the loop where
        the sandbox has gates."""
        with self.lock:
            if name not in self._known and name not in self._vacant:
                return False
            if name != DEFAULT:
                # First, so that nobody finds neither the sandbox nor this.
                self._dropped[name] = None
            if self._vacant.pop(name, None) is None:
                self._known.pop(name).gates.clear()
            if len(self._dropped) > _REMEMBERED:
                del self._dropped[next(iter(self._dropped))]
            return True

    def reload(self, scenarios: tuple[Scenario, ...]) -> None:
        """Take other scenarios as the server's own, in every sandbox that has them."""
        with self.lock:
            for sandbox in map(self.get, self.names):
                if sandbox.board.initial == self.scenarios:
                    sandbox.board.restart(scenarios)
            self.scenarios = scenarios

    def _make(self, name: str, scenarios: tuple[Scenario, ...], settings: Settings) -> Sandbox:
        self._admit()
        made = self._made(name, scenarios, settings, self._clock())
        self._known[name] = made
        self._dropped.pop(name, None)
        return made

    def _admit(self) -> None:
        if len(self._known) + len(self._vacant) >= self._limit:
            raise SandboxLimit(
                f"there are {self._limit} sandboxes, the limit; drop some "
                "(DELETE /__admin/sandboxes) or raise it with --sandbox-limit"
            )

    def _made(
        self, name: str, scenarios: tuple[Scenario, ...], settings: Settings, made_s: float
    ) -> Sandbox:
        return Sandbox(
            name,
            self.dialect,
            scenarios=scenarios,
            settings=settings,
            made_s=made_s,
            prepared=self._prepared,
        )
