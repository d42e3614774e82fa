"""The path of one trap through the code stays as short as it is."""

from pathlib import Path

from tests.support.walk import walk_twice

MOST_FILES = {"a new alert": 75, "a repeat": 55}
"""Lower it with each change that makes a path shorter, and with it docs/architecture.md, "A walk"."""
HOW_TO_PRINT = (
    "`python -m tests.support.walk` prints the files between recvmsg and commit, with their functions"
)


async def test_a_trap_passes_through_few_files(tmp_path: Path, made_cluster: Path) -> None:
    """A reader who follows one trap from the socket to the commit opens no more files than now."""
    walks = await walk_twice(tmp_path, made_cluster)
    files = {title: len({file for file, _ in walk}) for title, walk in walks.items()}
    longer = {title: amount for title, amount in files.items() if amount > MOST_FILES[title]}
    assert not longer, f"a trap passes through more files than {MOST_FILES}: {longer}; {HOW_TO_PRINT}"
    assert min(files.values()) > MOST_FILES["a repeat"] // 2, f"calls are missing in the walks: {files}"
