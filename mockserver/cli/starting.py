"""`mockserver serve` begins here: everything else is loaded without what it never needs.

- Python searches for circles of garbage while modules and scenarios are made, which are here to
  stay. The search begins when the server is ready.
- aiohttp reads the system's certificates while it is imported, for its client of TLS: a fifth of
  the whole import. A server of plain HTTP connects to nobody, so OpenSSL is shown none.
"""

from __future__ import annotations

import argparse
import gc
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module

# Where OpenSSL looks for certificates instead of in the system's own places.
_NO_CERTIFICATES: Mapping[str, str] = {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}


def serve(options: argparse.Namespace) -> int:
    """See `mockserver.cli.serve.serve`, which ends the pause of the collector when it is ready."""
    gc.disable()
    try:
        with without_certificates():
            module = import_module("mockserver.cli.serve")
        status: int = module.serve(options)
    finally:
        gc.enable()
    return status


@contextmanager
def without_certificates() -> Iterator[None]:
    """Whatever asks OpenSSL inside for the system's certificates is given none."""
    before = {name: os.environ.get(name) for name in _NO_CERTIFICATES}
    os.environ.update(_NO_CERTIFICATES)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


COMMANDS = {"serve": serve}
