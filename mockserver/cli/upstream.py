"""The upstream of `mockserver serve`: where unmatched requests go, and where that is recorded."""

from __future__ import annotations

import os
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

from mockserver.errors import UsageError
from mockserver.model.settings import RecordMode, ServeOptions, UnmatchedPolicy
from mockserver.recording.replies import ReplyWriter
from mockserver.scenario.dialects import Dialects
from mockserver.server.forwarding import Forwarder
from mockserver.server.recorder import Recorder
from mockserver.server.sandbox import Sandboxes


def forwarding(
    options: ServeOptions,
    sandboxes: Sandboxes,
    dialects: Dialects,
    *,
    clock: Callable[[], float],
    note: Callable[[str], object],
) -> Forwarder:
    """Have the sandboxes forward and replay as the options say; raises UsageError for what does not go together."""
    mode, policy = options.record_mode, sandboxes.settings.unmatched
    if options.upstream is not None:
        if not options.allow_remote and not _is_loopback(options.host):
            raise UsageError(
                f"--host {options.host} with --upstream: everybody who reaches this server could use the upstream; "
                "add --allow-remote and --admin-token TOKEN"
            )
        if options.allow_remote and options.admin_token is None:
            raise UsageError("--allow-remote needs --admin-token TOKEN")
        if options.record is None and policy is not UnmatchedPolicy.FORWARD:
            raise UsageError("--upstream needs --record FOLDER or --unmatched forward")
    elif mode is not RecordMode.NONE:
        raise UsageError("--record needs --upstream URL, or --record-mode none to replay only")
    if options.no_redact and options.record is not None and mode is not RecordMode.NONE:
        note("warning: recordings are not redacted; they may contain secrets")
    key = _key(options.upstream_key_env)
    recorder = None
    if options.record is not None:
        recorder = Recorder(
            Path(options.record),
            ReplyWriter(dialects=dialects, dialect=options.dialect),
            mode=mode,
            patterns=None if options.no_redact else options.redact,
            key=key,
            lock=sandboxes.lock,
            note=note,
        )
        sandboxes.scenarios = (*sandboxes.scenarios, *recorder.scenarios)
    forwarder = Forwarder(
        options.upstream,
        key=key,
        timeout_s=options.upstream_silence,
        recorder=recorder,
        records_failures=options.record_failures,
        clock=clock,
    )
    sandboxes.forwarder = forwarder
    return forwarder


def _key(variable: str | None) -> str | None:
    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    if not key or not key.isascii() or not key.isprintable():
        raise UsageError(f"--upstream-key-env {variable}: the environment variable is not set, or holds no key")
    return key


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
