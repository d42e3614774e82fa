"""A copy of the server's files is unpacked into its folder, and nowhere else."""

import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from opsconductor.errors import StoreRejected
from opsconductor.store.backups.server_files import unpack_cluster


def copy_with(folder: Path, *members: tarfile.TarInfo) -> Path:
    """Write a copy with the version of a cluster, and some members of nine bytes."""
    file = folder / "base.tar.gz"
    version = tarfile.TarInfo("./PG_VERSION")
    with tarfile.open(file, "w:gz") as tar:
        for member, content in ((version, b"18\n"), *((each, b"intruder\n") for each in members)):
            member.size = len(content) if member.isreg() else 0
            tar.addfile(member, BytesIO(content))
    return file


def test_files_and_folders_are_unpacked(tmp_path: Path) -> None:
    """With their contents."""
    folder = tarfile.TarInfo("base/1")
    folder.type = tarfile.DIRTYPE
    data_dir = tmp_path / "var"
    data_dir.mkdir()
    restored = unpack_cluster(copy_with(tmp_path, folder, tarfile.TarInfo("base/1/1259")), data_dir)
    assert (restored / "base" / "1" / "1259").read_bytes() == b"intruder\n"
    assert (restored / "PG_VERSION").read_text() == "18\n"


@pytest.mark.parametrize("name", ["../outside", "/outside", "base/../../outside"])
def test_nothing_is_written_outside(tmp_path: Path, name: str) -> None:
    """A path that leads out of the folder is refused."""
    data_dir = tmp_path / "var"
    data_dir.mkdir()
    with pytest.raises(StoreRejected, match="outside"):
        unpack_cluster(copy_with(tmp_path, tarfile.TarInfo(name)), data_dir)
    assert not list(tmp_path.rglob("outside*"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    """A later member could be written through them."""
    member = tarfile.TarInfo("base")
    member.type, member.linkname = kind, "/etc"
    data_dir = tmp_path / "var"
    data_dir.mkdir()
    with pytest.raises(StoreRejected, match="'base'"):
        unpack_cluster(copy_with(tmp_path, member), data_dir)
