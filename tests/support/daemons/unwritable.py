"""A folder in which nothing can be created for a while."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Mount the folder read-only over itself while the context lasts; unless root, take rights away.

    Files that are open stay as they are, as after an ext4 has gone read-only.
    """
    if os.geteuid() != 0:
        folders = [folder, *(each for each in folder.rglob("*") if each.is_dir())]
        modes = {each: each.stat().st_mode for each in folders}
        for each in folders:
            each.chmod(0o500)
        yield
        for each, mode in modes.items():
            each.chmod(mode)
        return
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
