"""A daemon for each acceptance test."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.daemon import Daemon
from tests.support.daemon_data import cluster_of, make_cluster
from tests.support.shared import made_once, shared_folder


@pytest.fixture(scope="session")
def made_cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the embedded PostgreSQL of a daemon once for all workers, with its schema."""
    place = shared_folder(tmp_path_factory) / "daemon"
    return cluster_of(made_once(place, lambda folder: asyncio.run(make_cluster(folder))))


@pytest.fixture
def daemon(tmp_path: Path, made_cluster: Path) -> Iterator[Daemon]:
    """Yield a daemon that is not started yet; kill its remaining processes afterwards."""
    made = Daemon(tmp_path, cluster=made_cluster)
    yield made
    made.clean_up()
