"""`python -m tests.soak COUNT`: a server under every kind of load for a long time.

Status 1 where what the server holds has grown; a mismatch between what a client saw and what the
journal says ends it with a traceback.
"""

from __future__ import annotations

import argparse
import sys

from tests.soak.soaking import MIB, served, soak, swollen
from tests.soak.worker import Ledger


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=1_000_000, help="exchanges")
    parser.add_argument("--workers", type=int, default=6)
    parser.add_argument("--stages", type=int, default=20)
    options = parser.parse_args()
    ledger, stages = Ledger(), []
    say("exchanges  seconds  MiB resident  objects  tasks  descriptors")
    with served() as server:
        for stage in soak(server, ledger, exchanges=options.count, workers=options.workers, stages=options.stages):
            stages.append(stage)
            found = stage.census
            say(
                f"{stage.exchanges:9}  {stage.seconds:7.0f}  {found.resident / MIB:12.1f}  "
                f"{found.objects:7}  {found.tasks:5}  {found.descriptors:11}"
            )
    say(f"{len(ledger.kinds)} kinds, {ledger.bytes} bytes: no mismatch")
    grown = swollen(stages)
    say("what the server holds is flat" if not grown else f"it has grown: {'; '.join(grown)}")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
