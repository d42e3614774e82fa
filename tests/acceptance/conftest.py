"""A daemon for each acceptance test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.daemon import Daemon


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """Give a daemon that is not started yet; what is left of it afterwards is killed."""
    made = Daemon(tmp_path)
    yield made
    made.clean_up()
