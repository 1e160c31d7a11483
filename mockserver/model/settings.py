"""The table of settings.

A setting is one field of one of the five classes below, declared by `setting`: its name, kind,
default, help and scope. Command line, environment variables, pytest options and marker keys, the
admin API with its OpenAPI document, and the documentation derive from these rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

from mockserver.errors import UsageError
from mockserver.model.json import JSON, JSONObject
from mockserver.model.latency import PROFILES
from mockserver.model.setting_kinds import (
    CLOCK,
    COUNT,
    FACTOR,
    FLAG,
    ORIGINS,
    PORT,
    SECONDS,
    TEXT,
    TEXTS,
    Kind,
    choice,
    one_of,
)
from mockserver.model.times import VIRTUAL

T = TypeVar("T")


class ContractMode(StrEnum):
    """How a contract violation in a request is handled: rejected, recorded only, or ignored."""

    ENFORCE = "enforce"
    REPORT = "report"
    OFF = "off"


class UnmatchedPolicy(StrEnum):
    """How unmatched requests are handled: a 404 that fails the verdict, a 404 alone, the last user
    text echoed, or the reply of the server's upstream; a 404 where it has none."""

    FAIL = "fail"
    ALLOW = "allow"
    ECHO = "echo"
    FORWARD = "forward"


class UnknownPolicy(StrEnum):
    """How unknown names in requests are handled: as violations, as notices, or not at all; by
    default as the dialect says."""

    DEFAULT = "default"
    REFUSE = "refuse"
    REPORT = "report"
    ACCEPT = "accept"


class ModelRulesPolicy(StrEnum):
    """Whether what a model does not support is a contract violation; by default as the dialect
    says."""

    DEFAULT = "default"
    ON = "on"
    OFF = "off"


class StatePolicy(StrEnum):
    """Whether replies are stored, so that later requests can retrieve and continue them."""

    ON = "on"
    OFF = "off"


class HeaderSet(StrEnum):
    """Which headers replies have: those of the API, or also those that its edge adds."""

    API = "api"
    EDGE = "edge"


class RecordMode(StrEnum):
    """What is recorded: requests that no recording answers, every request, or none."""

    MISSING = "missing"
    ALL = "all"
    NONE = "none"


class Scope(StrEnum):
    """Who has the setting: each sandbox, a server, its listener, the `serve` command, or a pytest run."""

    SANDBOX = "sandbox"
    SERVER = "server"
    LISTENER = "listener"
    COMMAND = "serve command"
    FIXTURE = "pytest"


# --- rows ---


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting:
    """One row of the table. `member` is the attribute that holds the value, `name` the key in
    Python, JSON and the marker."""

    member: str
    name: str
    kind: Kind
    default: Any
    help: str
    scope: Scope
    option: str
    metavar: str | None

    @property
    def flag(self) -> str:
        """The option of `mockserver serve`; of pytest for the scope FIXTURE."""
        prefix = "mockserver-" if self.scope is Scope.FIXTURE else ""
        return f"--{prefix}{self.option.replace('_', '-')}"

    @property
    def plugin_flag(self) -> str | None:
        """The option of pytest, where there is one."""
        if self.scope is Scope.FIXTURE:
            return self.flag
        plugin = f"--mockserver-{self.option.replace('_', '-')}"
        return plugin if self.scope is Scope.SANDBOX else None

    @property
    def variable(self) -> str:
        """The environment variable that stands in for the option."""
        return f"MOCKSERVER_{self.option.upper()}"

    @property
    def default_text(self) -> str:
        """The default for help texts; empty for a flag, and where there is none."""
        if self.default in (None, (), False):
            return ""
        if isinstance(self.default, tuple):
            return ", ".join(self.default)
        return f"{self.default:g}" if isinstance(self.default, float) else str(self.default)

    def read(self, value: object) -> object:
        """The value as the setting holds it; raises UsageError for another kind of value."""
        found = self.kind.read(value)
        if found is None:
            what = f"setting {self.name!r}"
            raise UsageError(f"{what}: expected {self.kind.expected}, got {value!r}")
        return found

    def to_json(self, value: object) -> JSON:
        """The value as JSON."""
        if isinstance(value, StrEnum):
            return value.value
        if isinstance(value, tuple):
            return [str(one) for one in value]
        assert value is None or isinstance(value, bool | int | float | str)  # noqa: S101  # the kinds hold no others
        return value


def setting(default: T, kind: Kind, about: str, *, name: str = "", option: str = "", metavar: str | None = None) -> T:
    """Declare the row of a field; `name` and `option` where they differ from the field's name."""
    row = {"kind": kind, "about": about, "name": name, "option": option, "metavar": metavar}
    # The type of the field is the type of its default, as for `dataclasses.field`.
    value: T = field(default=default, metadata={"setting": row})
    return value


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one sandbox."""

    contract: ContractMode = setting(
        ContractMode.ENFORCE, choice(ContractMode), "how a contract violation in a request is handled"
    )
    unknown: UnknownPolicy = setting(
        UnknownPolicy.DEFAULT,
        choice(UnknownPolicy),
        "how unknown names in requests are handled; the default is the dialect's, for `openai` `refuse`",
    )
    model_rules: ModelRulesPolicy = setting(
        ModelRulesPolicy.DEFAULT,
        choice(ModelRulesPolicy),
        "whether requests are held to what their model supports; the default is the dialect's, for `openai` `on`",
    )
    strict: bool = setting(
        False, FLAG, "treat unknown nested names as contract violations too, but where the API accepts them"
    )
    unmatched: UnmatchedPolicy = setting(
        UnmatchedPolicy.FAIL, choice(UnmatchedPolicy), "how unmatched requests are handled"
    )
    keys: tuple[str, ...] = setting(
        (), TEXTS, "API keys that are accepted; any key without this setting", option="api_key", metavar="KEY"
    )
    headers: HeaderSet = setting(HeaderSet.API, choice(HeaderSet), "which headers replies have")
    cors: tuple[str, ...] = setting(
        ("*",),
        ORIGINS,
        "origins whose pages may call, such as `https://app.example`; by default all of them, as of the API",
        metavar="ORIGIN",
    )
    state: StatePolicy = setting(
        StatePolicy.ON, choice(StatePolicy), "whether replies are stored, to be retrieved and continued"
    )
    latency: str = setting(
        "none", one_of("none", *PROFILES), "latency profile of the replies that have no pace of their own"
    )
    clock: str = setting(
        VIRTUAL,
        CLOCK,
        "what time it is: `virtual`, which starts at 2026-01-01T00:00:00Z or at TIME and is the same in every run, or "
        "`real`",
        metavar="TIME",
    )
    time_scale: float = setting(1.0, FACTOR, "multiply delays by FACTOR, 0 for no delays", metavar="FACTOR")
    body_limit: int = setting(
        64 * 1024 * 1024, COUNT, "largest request body in bytes, also after decompression", metavar="BYTES"
    )
    journal_limit: int = setting(10_000, COUNT, "how many exchanges the journal of a sandbox keeps", metavar="N")
    request_limit: int = setting(
        100_000, COUNT, "how many calls a sandbox answers before it rejects the next", metavar="N"
    )


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one connection may cost before its request is complete. `head_limit` bounds a
    request's head in bytes, a quarter of it each line in the head. The timeouts are seconds from
    the first byte of a head to its last, and from there to the end of the body; 0 is no timeout."""

    head_limit: int = setting(256 * 1024, COUNT, "largest head of a request in bytes", metavar="BYTES")
    head_timeout_s: float = setting(
        60.0,
        SECONDS,
        "how long the head of a request may take, 0 for no timeout",
        name="head_timeout",
        metavar="SECONDS",
    )
    body_timeout_s: float = setting(
        60.0,
        SECONDS,
        "how long the body of a request may take after its head, 0 for no timeout",
        name="body_timeout",
        metavar="SECONDS",
    )

    @property
    def line_limit(self) -> int:
        """Bytes of the request line or of one header."""
        return self.head_limit // 4


@dataclass(frozen=True, kw_only=True)
class Listening:
    """What a server listens with, besides host and port."""

    tls: str | None = setting(
        None, one_of("self-signed"), "speak TLS with a certificate for localhost that an authority made now signs"
    )
    tls_cert: str | None = setting(None, TEXT, "speak TLS with the certificate in FILE, as PEM", metavar="FILE")
    tls_key: str | None = setting(None, TEXT, "the key of that certificate", metavar="FILE")
    tls_ca: str | None = setting(None, TEXT, "write the certificate that clients are to trust to FILE", metavar="FILE")
    tls_faults: tuple[str, ...] = setting(
        (),
        TEXTS,
        "what is wrong with handshakes, `refused`, `expired` or `wrong-name`, for every server name or for one",
        option="tls_fault",
        metavar="[NAME=]FAULT",
    )
    unix: str | None = setting(None, TEXT, "listen on the Unix socket PATH in place of host and port", metavar="PATH")


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """The options of `mockserver serve` besides the settings of its sandboxes and its limits."""

    host: str = setting("127.0.0.1", TEXT, "address to listen on")
    port: int = setting(8080, PORT, "port to listen on, 0 for a free one")
    dialect: str = setting("openai", TEXT, "dialect without a loaded scenario: a name or a file")
    reload: bool = setting(False, FLAG, "reload scenarios on change")
    log: str = setting("text", one_of("text", "json", "none"), "lines for people, every line a JSON object, or no log")
    admin_token: str | None = setting(None, TEXT, "token that the admin API requires", metavar="TOKEN")
    sandbox_limit: int = setting(10_000, COUNT, "how many sandboxes there may be", metavar="N")
    upstream: str | None = setting(None, TEXT, "forward unmatched requests to the API at URL", metavar="URL")
    upstream_key_env: str | None = setting(
        None, TEXT, "environment variable with the upstream's key, which replaces the client's", metavar="NAME"
    )
    upstream_silence: float = setting(
        600.0, SECONDS, "how long the upstream may be silent, 0 for no timeout", metavar="SECONDS"
    )
    record: str | None = setting(None, TEXT, "record what is forwarded as scenarios in FOLDER", metavar="FOLDER")
    record_mode: RecordMode = setting(RecordMode.MISSING, choice(RecordMode), "which requests are recorded")
    record_failures: bool = setting(False, FLAG, "record 502 and 504 too, where the upstream gave no reply")
    redact: tuple[str, ...] = setting(
        (), TEXTS, "replace what a regular expression finds in recordings", metavar="REGEX"
    )
    no_redact: bool = setting(False, FLAG, "record secrets as they are")
    allow_remote: bool = setting(False, FLAG, "listen beyond loopback with an upstream; requires an admin token")


@dataclass(frozen=True, kw_only=True)
class PluginOptions:
    """The options of the pytest plugin besides the settings of its sandboxes."""

    url: str | None = setting(None, TEXT, "use the server at URL, not one in this process", metavar="URL")
    admin_token: str | None = setting(None, TEXT, "token that the admin API of that server requires", metavar="TOKEN")
    settle: float = setting(1.0, SECONDS, "how long verification waits for replies in flight", metavar="SECONDS")
    unused: bool = setting(False, FLAG, "list the loaded stubs that no test has called")
    tls: str | None = setting(
        None, one_of("self-signed"), "let the server of this process speak TLS with a certificate made now"
    )


TABLES: dict[Scope, type[Any]] = {
    Scope.SANDBOX: Settings,
    Scope.SERVER: Limits,
    Scope.LISTENER: Listening,
    Scope.COMMAND: ServeOptions,
    Scope.FIXTURE: PluginOptions,
}
"""The class that holds the settings of each scope."""


def rows(*scopes: Scope) -> tuple[Setting, ...]:
    """The rows of some scopes, of all without any, in the order of declaration."""
    return tuple(row for scope in scopes or Scope for row in rows_of(TABLES[scope], scope))


def rows_of(table: type[Any], scope: Scope = Scope.SANDBOX) -> tuple[Setting, ...]:
    """The rows that a class declares."""
    found = _ROWS.get(table)
    if found is None:
        found = _ROWS[table] = tuple(_rows(table, scope))
    return found


_ROWS: dict[type[Any], tuple[Setting, ...]] = {}


def _rows(table: type[Any], scope: Scope) -> Iterator[Setting]:
    for one in fields(table):
        row = one.metadata["setting"]
        name = row["name"] or one.name
        yield Setting(
            member=one.name,
            name=name,
            kind=row["kind"],
            default=one.default,
            help=row["about"],
            scope=scope,
            option=row["option"] or name,
            metavar=row["metavar"],
        )


S = TypeVar("S")


def read_settings(given: Mapping[str, object], base: S, *, known: tuple[str, ...] = ()) -> S:
    """`base`, the values of one scope, with the given ones in their place. `known` are further
    names for the message about an unknown one.

    Raises:
        UsageError: an unknown name, or a value of another kind.
    """
    if not given:
        return base
    table = {row.name: row for row in rows_of(type(base))}
    changes: dict[str, object] = {}
    for name, value in given.items():
        row = table.get(name)
        if row is None:
            names = (*table, *known)
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
            raise UsageError(f"unknown setting {name!r}: {hint}")
        changes[row.member] = row.read(value)
    return replace(base, **changes)  # type: ignore[type-var]  # every table is a dataclass


def settings_document(settings: object) -> JSONObject:
    """The values of one scope as a JSON object."""
    return {row.name: row.to_json(getattr(settings, row.member)) for row in rows_of(type(settings))}


def settings_schema() -> JSONObject:
    """The JSON Schema of the settings of a sandbox; every member is optional."""
    properties: JSONObject = {row.name: row.kind.schema for row in rows(Scope.SANDBOX)}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def settings_page(*scopes: Scope, plugin: bool = False) -> str:
    """The rows as a Markdown table for the documentation, with the options of `serve` or those of
    pytest."""
    lines = ["| option | default | meaning |", "|---|---|---|"]
    for row in rows(*scopes):
        default = f"`{row.default_text}`" if row.default_text else ""
        value = f" {row.metavar}" if row.metavar else ""
        choices = f": {', '.join(f'`{one}`' for one in row.kind.choices)}"
        about = row.help + (choices if row.kind.choices else "")
        flag = row.plugin_flag if plugin else row.flag
        lines.append(f"| `{flag}{value}` | {default} | {about} |")
    return "\n".join(lines) + "\n"
