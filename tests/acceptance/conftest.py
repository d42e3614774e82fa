"""A daemon for each acceptance test."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.daemon import Daemon, make_cluster


@pytest.fixture(scope="session")
def made_cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the embedded PostgreSQL of a daemon once, with its schema."""
    return asyncio.run(make_cluster(tmp_path_factory.mktemp("cluster")))


@pytest.fixture
def daemon(tmp_path: Path, made_cluster: Path) -> Iterator[Daemon]:
    """Give a daemon that is not started yet; what is left of it afterwards is killed."""
    made = Daemon(tmp_path, cluster=made_cluster)
    yield made
    made.clean_up()
