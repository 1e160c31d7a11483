"""The plugin's options of the command line, and its key of the ini file."""

from __future__ import annotations

import os

import pytest


def add_options(parser: pytest.Parser) -> None:
    """Add them all."""
    group = parser.getgroup("mockserver", "a scripted OpenAI-style upstream")
    group.addoption(
        "--mockserver-url",
        metavar="URL",
        default=os.environ.get("MOCKSERVER_URL"),
        help="use the server there instead of one in this process (also: MOCKSERVER_URL)",
    )
    group.addoption(
        "--mockserver-admin-token",
        metavar="TOKEN",
        default=os.environ.get("MOCKSERVER_ADMIN_TOKEN"),
        help="what that server's control routes want (also: MOCKSERVER_ADMIN_TOKEN)",
    )
    group.addoption(
        "--mockserver-contract",
        choices=("enforce", "report", "off"),
        help="what a request that breaks the contract leads to (default: enforce)",
    )
    group.addoption(
        "--mockserver-unmatched",
        choices=("fail", "allow", "echo"),
        help="what a request that no stub answers leads to (default: fail)",
    )
    group.addoption(
        "--mockserver-strict",
        action="store_true",
        help="members that the contract does not know are breaches",
    )
    group.addoption(
        "--mockserver-time-scale",
        metavar="FACTOR",
        type=float,
        help="factor on every scripted wait, 0 for none (default: 1)",
    )
    group.addoption(
        "--mockserver-settle",
        metavar="SECONDS",
        type=float,
        default=1.0,
        help="how long a verdict waits for replies under way (default: 1)",
    )
    group.addoption(
        "--mockserver-unused",
        action="store_true",
        help="list the stubs that were loaded and that no test has called",
    )
    parser.addini(
        "mockserver_scenarios",
        type="paths",
        default=[],
        help="folders in which the fixture mockserver finds scenarios, after the test's own",
    )
