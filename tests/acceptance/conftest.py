"""A daemon for each acceptance test."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import TEMPLATE, Cluster
from tests.support.daemons.daemon import Daemon
from tests.support.daemons.daemon_data import cluster_of, count_days, make_cluster
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


@pytest.fixture(scope="session")
def counted_days(postgres: Cluster) -> str:
    """Make a database with the newest schema and the sums of the days before, once per session."""
    name = postgres.create(TEMPLATE)
    asyncio.run(count_days(postgres.url(name)))
    return name


@pytest.fixture
def database_url(postgres: Cluster, counted_days: str) -> Iterator[str]:
    """URL of a new database as a daemon leaves it after its first start."""
    name = postgres.create(counted_days)
    yield postgres.url(name)
    postgres.drop(name)
