"""`mockserver check`: load and prove scenarios, and say everything that is wrong."""

from __future__ import annotations

import argparse
import sys

from mockserver.scenario.dialects import Dialects
from mockserver.scenario.discovery import load_paths


def check(options: argparse.Namespace) -> int:
    """0 when every scenario keeps its contract; what is wrong is raised as `ScenarioError`."""
    scenarios = load_paths(options.paths, Dialects())
    stubs = sum(len(scenario.stubs) for scenario in scenarios)
    files = f"{len(scenarios)} {'scenario' if len(scenarios) == 1 else 'scenarios'}"
    sys.stdout.write(f"{files}, {stubs} {'stub' if stubs == 1 else 'stubs'}, nothing wrong\n")
    return 0


COMMANDS = {"check": check}
