"""All sandboxes of one server: created by first use or on request, never evicted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count

from mockserver.errors import MockServerError, UsageError
from mockserver.model.dialect import Dialect
from mockserver.model.settings import Settings
from mockserver.model.stub import Scenario
from mockserver.pipeline.template_cache import TemplateCache
from mockserver.server.sandbox import DEFAULT, Sandbox

LIMIT = 10_000

# Names of dropped sandboxes that are remembered; a request for an older one creates it again.
_REMEMBERED = 10_000


class SandboxLimitError(MockServerError):
    """No further sandbox can be created before one is dropped."""


class SandboxDroppedError(MockServerError):
    """A request came for a sandbox that was dropped."""


class SandboxTakenError(UsageError):
    """There is a sandbox of that name."""


class Sandboxes:
    """`scenarios` are the server's own, `dialect` is used where no scenario is loaded, `clock` is
    read when a sandbox is created.

    Exchanges run on one loop and take no lock. Any thread may create and drop sandboxes, load
    scenarios and verify while it holds `lock`, which is never held for long.
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
        self._templates = TemplateCache()

    @property
    def names(self) -> tuple[str, ...]:
        return (*self._known,)

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def get(self, name: str = DEFAULT) -> Sandbox:
        """The sandbox of that name, created with the server's scenarios on its first use.

        Raises SandboxLimitError where there are too many, SandboxDroppedError where it was dropped:
        a late request must not create another in its place. `default` is created again.
        """
        found = self._known.get(name)
        return self._get_or_create(name) if found is None else found

    def _get_or_create(self, name: str) -> Sandbox:
        with self.lock:
            if name in self._dropped:
                raise SandboxDroppedError(
                    f"sandbox {name!r} was dropped; this request is too late, or needs the sandbox "
                    "created again (POST /__admin/sandboxes)"
                )
            found = self._known.get(name)
            return found or self._new(name, self.scenarios, self.settings)

    def create(self, name: str | None = None, *, scenarios: bool = False, settings: Settings | None = None) -> Sandbox:
        """Create a sandbox, empty unless it asks for the server's `scenarios`; without a name,
        under a free one. Raises SandboxTakenError or, beyond the limit, SandboxLimitError."""
        with self.lock:
            if name is None:
                free = (f"s{number}" for number in self._numbers)
                name = next(one for one in free if one not in self)
            elif name in self._known:
                raise SandboxTakenError(f"there is a sandbox {name!r} already; drop it or take another name")
            return self._new(name, self.scenarios if scenarios else (), settings or self.settings)

    def drop(self, name: str) -> bool:
        """Delete a sandbox and all it holds; whether there was one. To be called on the loop where
        the sandbox has gates."""
        with self.lock:
            if name not in self._known:
                return False
            if name != DEFAULT:
                # Before the deletion: lock-free readers look into `_known` first.
                self._dropped[name] = None
            self._known.pop(name).gates.clear()
            if len(self._dropped) > _REMEMBERED:
                del self._dropped[next(iter(self._dropped))]
            return True

    def reload(self, scenarios: tuple[Scenario, ...]) -> None:
        """Replace the server's own scenarios, in every sandbox that has them."""
        with self.lock:
            for sandbox in self._known.values():
                if sandbox.board.initial == self.scenarios:
                    sandbox.board.replace_initial(scenarios)
            self.scenarios = scenarios

    def _new(self, name: str, scenarios: tuple[Scenario, ...], settings: Settings) -> Sandbox:
        if len(self._known) >= self._limit:
            raise SandboxLimitError(
                f"there are {self._limit} sandboxes, the limit; drop some "
                "(DELETE /__admin/sandboxes) or raise it with --sandbox-limit"
            )
        made = self._known[name] = Sandbox(
            name, self.dialect, scenarios=scenarios, settings=settings, made_s=self._clock(), templates=self._templates
        )
        self._dropped.pop(name, None)
        return made
