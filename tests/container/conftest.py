"""The image built once, in a folder that any user may enter."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.container.build import Image


@pytest.fixture(scope="session")
def image() -> Iterator[Image]:
    # Folders that pytest makes are closed to other users.
    root = Path(tempfile.mkdtemp(prefix="mockserver-image-"))
    root.chmod(0o755)
    before = os.umask(0o022)
    try:
        built = Image(root)
        built.build()
        yield built
    finally:
        os.umask(before)
        shutil.rmtree(root)
