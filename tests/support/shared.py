"""Resources of all workers of a run, made by the first of them: a cluster of PostgreSQL takes a second."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

COMPLETE = "complete"


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Return the temporary folder of a run, which its workers share."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def made_once(folder: Path, make: Callable[[Path], object]) -> Path:
    """Return a folder of a run; the worker that first needs it makes it, others wait.

    Args:
        make: Fills the empty folder.
    """
    with Path(f"{folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / COMPLETE).exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            (folder / COMPLETE).touch()
    return folder
