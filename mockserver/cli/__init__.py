"""The command line: one module for each command, imported when it is called."""

from __future__ import annotations

import gc
import io
import sys
from collections.abc import Sequence

from mockserver.cli.parser import parse
from mockserver.errors import HostError, MockServerError, ScenarioError, UsageError

WRONG = 1
UNUSABLE = 2
# Objects created before the cyclic collector runs first. What a command loads lives on; to walk it again
# and again would be a tenth of the time that a server takes to start.
_COLLECT_AFTER = 200_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the status is 0, 1 for problems in what was checked, 2 where the command could not run."""
    gc.set_threshold(_COLLECT_AFTER)
    for stream in (sys.stdout, sys.stderr):
        # Characters that the terminal cannot show are printed as escapes.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    options, command = parse(arguments)
    try:
        return command(options)
    except ScenarioError as error:
        sys.stderr.write(f"{error}\n")
        return WRONG
    except (HostError, UsageError) as error:
        sys.stderr.write(f"mockserver: {error}\n")
        return UNUSABLE
    except MockServerError as error:
        sys.stderr.write(f"mockserver: {error}\n")
        return WRONG
    except BrokenPipeError:
        return WRONG
