"""Options of the command line as a table; each may be set by an environment variable instead."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass

from mockserver.errors import UsageError

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """`kind` reads the text of a value; None makes a switch. `many` may be given several times,
    in the environment separated by commas."""

    flag: str
    about: str
    kind: Callable[[str], object] | None = str
    default: object = None
    choices: tuple[str, ...] = ()
    many: bool = False
    metavar: str | None = None

    @property
    def name(self) -> str:
        return self.flag.removeprefix("--").replace("-", "_")

    @property
    def variable(self) -> str:
        """The environment variable that stands in for the option."""
        return f"MOCKSERVER_{self.name.upper()}"

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Declare the option; its default is None, so that the environment comes before ours."""
        about = f"{self.about} [{self.variable}]"
        if self.kind is None:
            parser.add_argument(self.flag, action="store_true", default=None, help=about)
            return
        parser.add_argument(
            self.flag,
            type=self.kind,
            action="append" if self.many else "store",
            choices=self.choices or None,
            metavar=self.metavar,
            help=about,
        )

    def value(self, given: object) -> object:
        """What was given, else what the environment says, else the default."""
        if given is not None:
            return given
        text = os.environ.get(self.variable)
        # Compose files and shells set a variable to nothing when they mean none.
        if not text:
            return self.default
        if self.kind is None:
            return self._switch(text)
        texts = [part for part in text.split(",") if part] if self.many else [text]
        values = [self._read(part) for part in texts]
        return values if self.many else values[0]

    def _switch(self, text: str) -> bool:
        if text.lower() in TRUE:
            return True
        if text.lower() in FALSE:
            return False
        raise UsageError(f"{self.variable}: wanted true or false, got {text!r}")

    def _read(self, text: str) -> object:
        if self.choices and text not in self.choices:
            raise UsageError(
                f"{self.variable}: wanted one of {', '.join(self.choices)}, got {text!r}"
            )
        try:
            return self.kind(text) if self.kind else text
        except (ValueError, argparse.ArgumentTypeError) as error:
            raise UsageError(f"{self.variable}: {error}") from None


def word(text: str) -> str:
    """Some text: an empty key or token, from a variable of the shell that is not set, opens or
    shuts what it should not."""
    if text:
        return text
    raise argparse.ArgumentTypeError("wanted some text, got ''")


def port(text: str) -> int:
    """A TCP port, 0 for any."""
    if text.isascii() and text.isdigit() and int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"wanted a port from 0 to 65535, got {text!r}")


def count(text: str) -> int:
    """A whole number from 0."""
    if text.isascii() and text.isdigit():
        return int(text)
    raise argparse.ArgumentTypeError(f"wanted a whole number from 0, got {text!r}")


def factor(text: str) -> float:
    """A number from 0."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if 0 <= value < float("inf"):
        return value
    raise argparse.ArgumentTypeError(f"wanted a number from 0, got {text!r}")


SERVE: tuple[Option, ...] = (
    Option(flag="--host", about="address to listen on (default 127.0.0.1)", default="127.0.0.1"),
    Option(
        flag="--port",
        about="port to listen on, 0 picks one (default 8080)",
        kind=port,
        default=8080,
    ),
    Option(
        flag="--contract",
        about="what a breach in a request leads to (default enforce)",
        choices=("enforce", "report", "off"),
        default="enforce",
    ),
    Option(flag="--strict", about="refuse unknown members of requests", kind=None, default=False),
    Option(
        flag="--api-key",
        about="accept this key only; may be repeated, without it any key passes",
        kind=word,
        many=True,
        default=(),
        metavar="KEY",
    ),
    Option(
        flag="--unmatched",
        about="what a request that no stub wants leads to (default fail)",
        choices=("fail", "allow", "echo"),
        default="fail",
    ),
    Option(
        flag="--time-scale",
        about="stretch every wait, 0 leaves them out (default 1)",
        kind=factor,
        default=1.0,
        metavar="FACTOR",
    ),
    Option(
        flag="--dialect",
        about="dialect where no scenario is loaded: a name or a file (default openai)",
        default="openai",
    ),
    Option(flag="--reload", about="take up edited scenarios at once", kind=None, default=False),
    Option(
        flag="--log",
        about="a line per exchange for people, or JSON, or none at all (default text)",
        choices=("text", "json", "none"),
        default="text",
    ),
    Option(
        flag="--admin-token",
        about="the control routes ask for this token",
        kind=word,
        metavar="TOKEN",
    ),
    Option(
        flag="--sandbox-limit",
        about="how many sandboxes there may be (default 10000)",
        kind=count,
        default=10_000,
        metavar="N",
    ),
    Option(
        flag="--journal-limit",
        about="how many exchanges a sandbox remembers (default 10000)",
        kind=count,
        default=10_000,
        metavar="N",
    ),
    Option(
        flag="--request-limit",
        about="how many calls a sandbox answers (default 100000)",
        kind=count,
        default=100_000,
        metavar="N",
    ),
    Option(
        flag="--body-limit",
        about="how many bytes a request body may have, unpacked too (default 67108864)",
        kind=count,
        default=64 * 1024 * 1024,
        metavar="BYTES",
    ),
    Option(
        flag="--head-limit",
        about="how many bytes the head of a request may have (default 262144)",
        kind=count,
        default=256 * 1024,
        metavar="BYTES",
    ),
    Option(
        flag="--head-timeout",
        about="how long a request's head may take, 0 for ever (default 60)",
        kind=factor,
        default=60.0,
        metavar="SECONDS",
    ),
    Option(
        flag="--body-timeout",
        about="how long a request's body may take after its head, 0 for ever (default 60)",
        kind=factor,
        default=60.0,
        metavar="SECONDS",
    ),
)
