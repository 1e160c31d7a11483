"""`mockserver log`: the exchanges of a running server, from its control API."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote

from mockserver.cli.exchange_log import coloured
from mockserver.client.admin import DEFAULT, HttpAdmin
from mockserver.errors import UsageError
from mockserver.model.call import Call
from mockserver.model.endpoint import Endpoint
from mockserver.model.json import JSONObject, as_object, objects
from mockserver.report.excerpt import document_line

_POLL_S = 0.2


def log(options: argparse.Namespace) -> int:
    """0 at the end of the journal; with `--follow` when interrupted."""
    # The URL of a sandbox names it.
    url, _, name = options.url.rstrip("/").removesuffix("/v1").partition("/sandbox/")
    token = options.admin_token or os.environ.get("MOCKSERVER_ADMIN_TOKEN") or None
    reader = _Reader(HttpAdmin(url, admin_token=token), options.sandbox or unquote(name))
    with suppress(KeyboardInterrupt):
        while True:
            for line in reader.lines():
                sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            if not options.follow:
                break
            time.sleep(_POLL_S)
    return 0


class _Reader:
    """Reads what has ended since the last time, of one sandbox or of all."""

    def __init__(self, admin: HttpAdmin, sandbox: str) -> None:
        self._admin, self._sandbox = admin, sandbox
        self._colour = sys.stdout.isatty()
        self._seen: dict[str, int] = {}
        self._open: dict[str, set[int]] = {}

    def lines(self) -> Iterator[str]:
        listed = objects(self._admin.call("list_sandboxes")["sandboxes"])
        names = [str(one["name"]) for one in listed]
        if self._sandbox and self._sandbox not in names:
            raise UsageError(
                f"no sandbox {self._sandbox!r} at {self._admin.url}: there are {', '.join(names) or 'none'}"
            )
        found = [(one, name) for name in ([self._sandbox] if self._sandbox else names) for one in self._new(name)]
        for one, name in sorted(found, key=lambda pair: str(pair[0]["received_time"])):
            yield self._line(one, "" if name == DEFAULT else name)

    def _new(self, name: str) -> Iterator[JSONObject]:
        after, more = min((self._seen.get(name, 0), *(one - 1 for one in self._open.get(name, ()))), default=0), True
        while more:
            try:
                page = self._admin.call("journal", name, after=after, replies=True)
            except UsageError:
                # It was dropped since it was listed.
                return
            last, more = page["last"], page["more"] is True
            assert isinstance(last, int)  # noqa: S101  # by the schema of the control API
            if last < self._seen.get(name, 0):
                # The journal was cleared and counts from 1 again.
                self._seen[name], self._open[name] = 0, set()
                after, more = 0, True
                continue
            for one in objects(page["entries"]):
                number = one["number"]
                assert isinstance(number, int)  # noqa: S101
                waits, after = self._open.setdefault(name, set()), number
                if one["outcome"] is None:
                    waits.add(number)
                elif number in waits or number > self._seen.get(name, 0):
                    waits.discard(number)
                    yield one
                self._seen[name] = max(number, self._seen.get(name, 0))

    def _line(self, one: JSONObject, sandbox: str) -> str:
        endpoint, prompt = one["endpoint"], None
        if isinstance(endpoint, str):
            prompt = Call(Endpoint(endpoint), as_object(one["json"])).user
        text = document_line(one, prompt=prompt, sandbox=sandbox)
        broken = any(finding["grade"] == "error" for finding in objects(one["findings"]))
        return coloured(text, unmatched=one["miss"] is not None, broken=broken) if self._colour else text


COMMANDS = {"log": log}
