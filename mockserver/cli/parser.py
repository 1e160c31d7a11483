"""The arguments of each command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TypeAlias

from mockserver import __version__
from mockserver.cli.options import SERVE

Command: TypeAlias = Callable[[argparse.Namespace], int]

_ABOUT = """\
A scripted OpenAI-style upstream for contract tests: answers /v1/chat/completions, /v1/responses
and /v1/responses/compact as YAML scenarios say, the same bytes every time."""


def parse(arguments: Sequence[str] | None = None) -> tuple[argparse.Namespace, Command]:
    """The options and the command they are for; exits with 2 for what it cannot read."""
    parser = argparse.ArgumentParser(prog="mockserver", description=_ABOUT)
    parser.add_argument("--version", action="version", version=f"mockserver {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, about, declare in _asked_for(sys.argv[1:] if arguments is None else arguments):
        declare(commands.add_parser(name, help=about, description=about))
    options = parser.parse_args(arguments)
    return options, _command(options.command)


def _asked_for(arguments: Sequence[str]) -> Sequence[_Declared]:
    """The command that comes first; all of them, where that is no command."""
    return [one for one in _COMMANDS if one[0] in arguments[:1]] or _COMMANDS


def _command(name: str) -> Command:
    command: Command = import_module(f"mockserver.cli.{_MODULES.get(name, name)}").COMMANDS[name]
    return command


def _serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="scenario files or folders; none: the shipped ones [MOCKSERVER_SCENARIOS]",
    )
    for option in SERVE:
        option.add_to(parser)


def _paths(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="scenario files or folders")


def _explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="FILE[:STUB]", help="a scenario file, and a stub in it")
    from mockserver.model.endpoint import ENDPOINTS  # noqa: PLC0415  # not for every command

    parser.add_argument("--on", choices=ENDPOINTS.scripted, help="one endpoint only")
    parser.add_argument("--stream", action="store_true", help="streamed replies only")


def _plain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON")


def _schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--markdown", action="store_true", help="as a page of documentation")


def _new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="NAME", help="the scenario's name or path; .yaml is added where it lacks"
    )


def _judge(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a captured reply, - for standard input")
    from mockserver.model.endpoint import SHAPES  # noqa: PLC0415  # not for every command

    parser.add_argument("--shape", choices=SHAPES.names, help="told by itself without this")
    parser.add_argument("--dialect", default="openai", help="a name or a file (default openai)")


_Declared: TypeAlias = tuple[str, str, Callable[[argparse.ArgumentParser], None]]
_COMMANDS: tuple[_Declared, ...] = (
    ("serve", "Answer requests as scenarios say.", _serve),
    ("new", "Write a commented scenario to begin with.", _new),
    ("check", "Load and prove scenarios; print everything that is wrong.", _paths),
    ("explain", "Print what goes over the wire and when, without opening a port.", _explain),
    ("errors", "List the errors that a reply can name.", _plain),
    ("rules", "List the rules that replies and requests are read against.", _plain),
    ("schema", "Print the JSON Schema of the scenario format.", _schema),
    ("judge", "Read a captured reply, JSON or SSE, against the rules.", _judge),
)
_MODULES = {
    "errors": "listings",
    "rules": "listings",
    "schema": "listings",
    "serve": "starting",
}
