"""A sandbox as it is reached from a test: its name, its addresses, its control routes."""

from __future__ import annotations

from urllib.parse import quote

from mockserver.client.control import DEFAULT, Control, ask
from mockserver.client.files import Finder
from mockserver.model.json import JSON, JSONObject

SETTLE_S = 1.0
"""How long a verdict waits for replies that are still under way."""

API_KEY = "mockserver"


class ReachedSandbox:
    """`url` is the sandbox's root, `base_url` what an OpenAI client takes."""

    def __init__(
        self,
        control: Control,
        root: str,
        *,
        name: str = DEFAULT,
        finder: Finder | None = None,
        api_key: str = API_KEY,
        settle_s: float = SETTLE_S,
    ) -> None:
        self.name = name
        self.api_key = api_key
        self.settle_s = settle_s
        self._control = control
        self._root = root.rstrip("/")
        self._finder = finder or Finder()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r} at {self.url}>"

    @property
    def url(self) -> str:
        """Root of this sandbox, without a final slash."""
        if self.name == DEFAULT:
            return self._root
        return f"{self._root}/sandbox/{quote(self.name, safe='')}"

    @property
    def base_url(self) -> str:
        """What an OpenAI client takes as its base URL: ends with `/v1`."""
        return f"{self.url}/v1"

    @property
    def env(self) -> dict[str, str]:
        """Environment variables that point an OpenAI client here."""
        return {"OPENAI_BASE_URL": self.base_url, "OPENAI_API_KEY": self.api_key}

    def _ask(
        self, method: str, path: str, *, query: dict[str, str] | None = None, body: JSON = None
    ) -> JSONObject:
        return ask(self._control, method, path, sandbox=self.name, query=query, body=body)
