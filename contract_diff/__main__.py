"""`python -m contract_diff`: compare the contract with the newest official packages.

Exit status: 0 where every difference is accepted, 1 where one is not or an accepted one no longer
exists, 2 where the packages could not be installed or read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from contract_diff.accepted import FILE, AcceptedError, read_accepted, review
from contract_diff.compare import compare
from contract_diff.contract import read_contract
from contract_diff.packages import install, read_packages
from contract_diff.typescript import UnreadableTypesError


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, and print what is not accepted."""
    parser = argparse.ArgumentParser(prog="contract_diff", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".venv-contract"), help="the environment of the packages")
    parser.add_argument("--installed", action="store_true", help="read what is in the folder, install nothing")
    parser.add_argument("--accepted", type=Path, default=FILE, help="the file of accepted differences")
    parser.add_argument("--all", action="store_true", help="print the accepted differences too")
    options = parser.parse_args(arguments)
    try:
        accepted = read_accepted(options.accepted)
        if not options.installed:
            install(options.folder)
        packages = read_packages(options.folder)
    except (UnreadableTypesError, AcceptedError) as error:
        sys.stderr.write(f"contract_diff: {error}\n")
        return 2
    contract = read_contract()
    differences = compare(contract, packages)
    found = review(differences, accepted)
    accepted_count = len(differences) - len(found.remaining)
    lines = [str(one) for one in (differences if options.all else found.remaining)]
    lines += [f"no longer a difference, only in the {one.only_in}: {one.what}" for one in found.outdated]
    sides = f"{' and '.join(one.name for one in packages)} against {contract.name}"
    lines.append(
        f"{sides}: {len(found.remaining)} differences, {accepted_count} accepted, {len(found.outdated)} outdated"
    )
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if found.remaining or found.outdated else 0


if __name__ == "__main__":
    sys.exit(main())
