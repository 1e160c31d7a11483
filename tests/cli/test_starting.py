"""What a quick start of the server leaves out is there again afterwards."""

from __future__ import annotations

import gc
import os
import ssl
from pathlib import Path

import pytest

from mockserver.cli import main
from mockserver.cli.starting import without_certificates


@pytest.mark.parametrize("before", [None, "/some/where"])
def test_certificates_are_hidden_inside_only(
    before: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    if before is not None:
        monkeypatch.setenv("SSL_CERT_FILE", before)
    with without_certificates():
        inside = ssl.create_default_context()
        shown = os.environ["SSL_CERT_FILE"]
    assert (shown, inside.cert_store_stats()["x509"]) == (os.devnull, 0)
    assert (os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")) == (before, None)


def test_certificates_are_back_when_the_import_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", "/some/where")
    with pytest.raises(ImportError), without_certificates():
        raise ImportError
    assert os.environ["SSL_CERT_DIR"] == "/some/where"


def test_the_collector_is_back_whatever_comes(tmp_path: Path) -> None:
    gc.disable()
    try:
        (tmp_path / "bad.yaml").write_text("stubs: 3\n")
        assert main(["serve", str(tmp_path)]) == 1
        assert gc.isenabled()
    finally:
        gc.enable()
