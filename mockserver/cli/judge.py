"""`mockserver judge`: validate a captured reply against the rules."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mockserver.cli.parser import ERROR
from mockserver.contract.dialect_loader import LazyReplyValidator
from mockserver.contract.judge import CaptureKind, Judgement
from mockserver.contract.judge import judge as judge_capture
from mockserver.contract.openai import OPENAI
from mockserver.errors import UsageError
from mockserver.model.endpoint import Shape
from mockserver.model.json import describe_value
from mockserver.report.text import finding_line
from mockserver.scenario.dialects import Dialects


def judge(options: argparse.Namespace) -> int:
    """0 when the reply keeps the contract; prints every finding, notices included. An error response fails unless
    `--shape error` asks for one, and then any other reply fails."""
    replies = Dialects().find(options.dialect).replies
    judgement = judge_capture(
        _capture(options.file),
        shape=Shape(options.shape) if options.shape not in (None, ERROR) else None,
        contract=replies.contract if isinstance(replies, LazyReplyValidator) else OPENAI,
    )
    for finding in judgement.findings:
        sys.stdout.write(f"{finding_line(finding)}\n")
    shape = judgement.shape.value if judgement.shape else "unknown shape"
    what = f"{judgement.form.value}, {shape}"
    if judgement.events:
        what += f", {judgement.events} events"
    expected = f"{'an' if options.shape == ERROR else 'no'} error response"
    if (judgement.form is CaptureKind.ERROR) is not (options.shape == ERROR):
        hint = "" if options.shape == ERROR else "; --shape error accepts one"
        sys.stdout.write(f"{what}: expected {expected}, got {_quoted(judgement)}{hint}\n")
        return 1
    verdict = "keeps the contract" if judgement.good else "violates the contract"
    sys.stdout.write(f"{what}: {verdict}\n")
    return 0 if judgement.good else 1


def _quoted(judgement: Judgement) -> str:
    """`an error response: 415, "Unsupported content type"`."""
    if judgement.form is not CaptureKind.ERROR:
        return f"a {judgement.form.value}"
    status = "" if judgement.status is None else f" {judgement.status},"
    return f"an error response:{status} {describe_value(judgement.message)}"


def _capture(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}") from error


COMMANDS = {"judge": judge}
