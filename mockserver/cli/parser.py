"""The arguments of each command; the options of `serve` derive from the table of settings."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Final, TypeAlias

from mockserver import __version__
from mockserver.errors import UsageError
from mockserver.model.setting_kinds import TEXTS
from mockserver.model.settings import Scope, Setting, rows

Command: TypeAlias = Callable[[argparse.Namespace], int]

_ABOUT = """\
A scripted OpenAI-style upstream for contract tests: answers /v1/chat/completions, /v1/responses
and /v1/responses/compact as YAML scenarios define, with the same bytes every time."""
_SERVE = {
    Scope.COMMAND: "server, forwarding and recording",
    Scope.LISTENER: "TLS and Unix sockets",
    Scope.SANDBOX: "settings of each sandbox",
    Scope.SERVER: "limits of a connection",
}
"""The scopes that `serve` has options for, with the title of their group in its help."""
_EXAMPLES = """\
examples:
  mockserver serve                          answer everything, on port 8080
  mockserver serve scenarios --reload       a folder, loaded again on change
  mockserver serve weather.yaml -p 0        one file, on a free port
  mockserver serve --log json --strict      for a CI job
  mockserver serve recorded --upstream https://api.openai.com --record recorded
                                            record what is not recorded yet
  MOCKSERVER_PORT=9000 mockserver serve     variables stand in for options"""
PATHS_VARIABLE: Final = "MOCKSERVER_SCENARIOS"


def parse(arguments: Sequence[str] | None = None) -> tuple[argparse.Namespace, Command]:
    """The options and the command they are for; exits with 2 for what it cannot read."""
    parser = argparse.ArgumentParser(prog="mockserver", description=_ABOUT)
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="show the versions of program and contract, and exit"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    given = sys.argv[1:] if arguments is None else arguments
    # Only the command that comes first is declared; all of them where there is none.
    for name, _, about, declare in [one for one in _COMMANDS if one[0] in given[:1]] or _COMMANDS:
        declare(commands.add_parser(name, help=about, description=about))
    options = parser.parse_args(arguments)
    module = next(one[1] for one in _COMMANDS if one[0] == options.command)
    command: Command = import_module(f"mockserver.cli.{module}").COMMANDS[options.command]
    return options, command


class _Version(argparse.Action):
    """Reads the date of the contract only when asked, as each start would pay for it."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from mockserver.contract import CONTRACT_DATE  # noqa: PLC0415  # only for --version

        sys.stdout.write(f"mockserver {__version__}, contract of {CONTRACT_DATE}\n")
        parser.exit()


def counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


# --- settings as options ---


def serve_settings() -> tuple[Setting, ...]:
    """The settings that `serve` has as options, in the order of its help."""
    return rows(*_SERVE)


def value_of(setting: Setting, given: object) -> object:
    """What the command line gave, else the environment variable, else the default.

    Raises UsageError: the variable holds another kind of value."""
    if given is not None:
        return tuple(given) if isinstance(given, list) else given
    text = os.environ.get(setting.variable)
    # Compose files and shells set a variable to nothing when they mean none.
    if not text:
        return setting.default
    if setting.kind.is_list:
        return tuple(_parse(setting, part) for part in text.split(",") if part)
    return _parse(setting, text)


def _parse(setting: Setting, text: str) -> object:
    value = setting.kind.parse(text)
    if value is None:
        raise UsageError(f"{setting.variable}: expected {setting.kind.expected}, got {text!r}")
    return value


def misspelt() -> Iterator[tuple[str, str]]:
    """The environment variables that nothing reads and whose names are close to that of a setting
    of `serve`, with that name. Others are the user's own."""
    served = [*(row.variable for row in serve_settings()), PATHS_VARIABLE]
    known = {*served, *(row.variable for row in rows())}
    words = [name.removeprefix(_PREFIX) for name in served]
    for name in sorted(os.environ):
        if name in known or not name.upper().startswith(_PREFIX) or not os.environ[name]:
            continue
        word = name.upper().removeprefix(_PREFIX)[:_LONGEST]
        near = get_close_matches(word, words, n=1, cutoff=_CLOSE) or [
            one for one in words if sorted(one) == sorted(word)
        ]
        if near:
            yield name, _PREFIX + near[0]


_PREFIX = "MOCKSERVER_"
# One slip in a name of four letters, such as two letters exchanged; HOSTNAME is not close to HOST.
_CLOSE = 0.75
# Far more letters than a name that could be close has.
_LONGEST = 64


def _add(add_argument: Callable[..., object], setting: Setting) -> None:
    """Declare an option; its default is None, so that the environment comes before ours."""
    kind = setting.kind
    shown = f" (default {setting.default_text})" if setting.default_text else ""
    about = f"{setting.help}{shown} [{setting.variable}]"
    if kind.is_flag:
        add_argument(setting.flag, dest=setting.option, action="store_true", default=None, help=about)
        return

    def read(text: str) -> object:
        value = kind.parse(text)
        if value is None:
            expected = "some text" if kind is TEXTS else kind.expected
            raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}")
        return value

    add_argument(
        *(("-p",) if setting.option == "port" else ()),
        setting.flag,
        dest=setting.option,
        type=read,
        action="append" if kind.is_list else "store",
        metavar=setting.metavar or (f"{{{','.join(kind.choices)}}}" if kind.choices else None),
        help=f"{about}; may be repeated" if kind.is_list else about,
    )


# --- the commands ---


def _serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help=f"scenario files or folders; by default one that answers everything [{PATHS_VARIABLE}]",
    )
    for scope, title in _SERVE.items():
        group = parser.add_argument_group(title)
        for setting in rows(scope):
            _add(group.add_argument, setting)
    # With every option it would be a screen long.
    parser.usage = "%(prog)s [OPTION ...] [PATH ...]"
    parser.formatter_class, parser.epilog = argparse.RawDescriptionHelpFormatter, _EXAMPLES


def _log(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "url", nargs="?", default=DEFAULT_URL, metavar="URL", help=f"the server (default {DEFAULT_URL})"
    )
    parser.add_argument("-f", "--follow", action="store_true", help="go on until interrupted")
    parser.add_argument("--sandbox", metavar="NAME", help="one sandbox only")
    parser.add_argument("--admin-token", metavar="TOKEN", help="token of the admin API [MOCKSERVER_ADMIN_TOKEN]")


def _paths(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="scenario files or folders")


def _explain(parser: argparse.ArgumentParser) -> None:
    from mockserver.model.endpoint import ENDPOINTS  # noqa: PLC0415  # not for every command

    parser.add_argument("target", metavar="FILE[:STUB]", help="a scenario file, and a stub in it")
    parser.add_argument("--on", choices=ENDPOINTS.scripted, help="one endpoint only")
    parser.add_argument("--stream", action="store_true", help="streaming replies only")


def _listing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON")


def _rules(parser: argparse.ArgumentParser) -> None:
    _listing(parser)
    parser.add_argument("--diagram", action="store_true", help="the stream grammars as Mermaid state diagrams")


def _schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--markdown", action="store_true", help="as a page of documentation")


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="recordings, - for standard input")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the scenario there instead of printing it")
    parser.add_argument("--dialect", default="openai", help="the dialect of the scenario: a name or a file")
    parser.add_argument("--no-pace", action="store_true", help="reply at once, whatever times were recorded")
    parser.add_argument("--no-redact", action="store_true", help="keep secrets and all headers of replies")
    _redaction(parser)


def _scrub(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="files to change, - for standard input to output")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the only file there instead of changing it")
    parser.add_argument("--check", action="store_true", help="change nothing; the status is 1 if there are secrets")
    _redaction(parser)


def _redaction(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--redact",
        action="append",
        default=[],
        metavar="REGEX",
        help="a further pattern of secrets, of which only the group 'v' is secret if there is one; may be repeated",
    )
    parser.add_argument(
        "--redact-hook",
        metavar="MODULE:FUNCTION",
        help="a function that is given each text and gives the secrets in it",
    )


def _new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="name or path of the scenario; .yaml is added if missing")


def _doctor(_: argparse.ArgumentParser) -> None:
    """It has no arguments."""


def _judge(parser: argparse.ArgumentParser) -> None:
    from mockserver.model.endpoint import SHAPES  # noqa: PLC0415  # not for every command

    parser.add_argument("file", metavar="FILE", help="a captured reply, - for standard input")
    shapes = (*SHAPES.names, ERROR)
    parser.add_argument("--shape", choices=shapes, help="detected automatically by default; error expects an error")
    parser.add_argument("--dialect", default="openai", help="a name or a file (default openai)")


def _verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="SCENARIO", help="scenario files or folders")
    parser.add_argument("--upstream", required=True, metavar="URL", help="where requests are sent")
    parser.add_argument("--upstream-key-env", metavar="NAME", help="the environment variable with the upstream's key")
    about = "a recording whose requests are sent to the stubs that they reach; may be repeated"
    parser.add_argument("--requests", action="append", default=[], metavar="FILE", help=about)
    parser.add_argument("--model", metavar="NAME", help="the model of requests whose stub names none")
    parser.add_argument("--budget", default="", metavar="LIMITS", help="at most so much (default calls=20,tokens=20k)")
    about = "silence that ends a call (default 120)"
    parser.add_argument("--timeout", type=_seconds, default=120.0, metavar="SECONDS", help=about)
    parser.add_argument("--junit", metavar="FILE", help="write a JUnit report there")
    _listing(parser)


def _seconds(text: str) -> float:
    if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", text) is None or not float(text):
        raise argparse.ArgumentTypeError(f"expected a number of seconds above 0, got {text!r}")
    return float(text)


DEFAULT_URL: Final = "http://127.0.0.1:8080"
ERROR: Final = "error"
"""The shape of `judge` that stands for an error response."""


_COMMANDS: tuple[tuple[str, str, str, Callable[[argparse.ArgumentParser], None]], ...] = (
    ("serve", "serve", "Answer requests as scenarios define.", _serve),
    ("log", "log", "Print the exchanges of a running server.", _log),
    ("new", "scenarios", "Write a commented scenario as a starting point.", _new),
    ("check", "scenarios", "Load and validate scenarios; print every problem.", _paths),
    ("explain", "scenarios", "Print what is sent over the wire and when, without opening a port.", _explain),
    ("errors", "listings", "List the errors that a reply can name.", _listing),
    ("rules", "listings", "List the rules that replies and requests are validated against.", _rules),
    ("schema", "listings", "Print the JSON Schema of the scenario format.", _schema),
    ("import", "recordings", "Print recorded exchanges (HAR, VCR, HTTP, SSE, JSON) as a scenario.", _import),
    ("scrub", "recordings", "Replace the secrets in recordings and scenarios by placeholders.", _scrub),
    ("verify", "verify", "Compare what an upstream answers with what scenarios say.", _verify),
    ("judge", "judge", "Validate a captured reply, JSON or SSE, against the rules.", _judge),
    ("doctor", "doctor", "Print versions and extras, and whether another distribution is in the way.", _doctor),
)
"""Name, module, description and arguments."""
