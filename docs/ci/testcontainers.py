"""The image from Testcontainers: a port of its own on the host, ready when it says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from testcontainers.core.container import DockerContainer
from testcontainers.core.waiting_utils import wait_for_logs

from mockserver import SandboxClient, connect

SCENARIOS = Path(__file__).parent / "scenarios"


@pytest.fixture(scope="session")
def upstream() -> Iterator[SandboxClient]:
    container = (
        DockerContainer("registry.example/mockserver:latest")
        .with_exposed_ports(8080)
        .with_volume_mapping(str(SCENARIOS), "/scenarios", "ro")
    )
    with container:
        wait_for_logs(container, "mockserver ready on")
        host, port = container.get_container_host_ip(), container.get_exposed_port(8080)
        yield connect(f"http://{host}:{port}").sandbox()
