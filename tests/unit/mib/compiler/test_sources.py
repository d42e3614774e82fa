"""MIB files are found in files, folders and archives, within limits."""

import io
import tarfile
import zipfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from opsconductor.errors import CompileError
from opsconductor.mib.compiler import sources
from opsconductor.mib.compiler.sources import find_files, is_mib
from tests.support.mib_modules import FANS


def found(*paths: Path) -> dict[str, bytes | str]:
    """Read all files, or the reasons why they cannot be read, by name."""
    contents: dict[str, bytes | str] = {}
    with ExitStack() as stack:
        for each in find_files(paths, stack):
            try:
                contents[each.name] = each.read()
            except CompileError as error:
                contents[each.name] = str(error)
    return contents


def test_folders_and_archives_are_searched(tmp_path: Path) -> None:
    """Nested folders, zip and tar; hidden files are left out."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "one.mib").write_text(FANS)
    (tmp_path / "a" / ".git").mkdir()
    (tmp_path / "a" / ".git" / "two.mib").write_text(FANS)
    with zipfile.ZipFile(tmp_path / "a" / "c.zip", "w") as archive:
        archive.writestr("in/three.mib", FANS)
    with tarfile.open(tmp_path / "a" / "d.tar.gz", "w:gz") as tar:
        member = tarfile.TarInfo("four.mib")
        member.size = len(FANS.encode())
        tar.addfile(member, io.BytesIO(FANS.encode()))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    folder = tmp_path / "a"
    assert found(folder) == {
        f"{folder}/c.zip!in/three.mib": FANS.encode(),
        f"{folder}/d.tar.gz!four.mib": FANS.encode(),
        f"{folder}/b/one.mib": FANS.encode(),
    }


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    """The message names it."""
    with pytest.raises(CompileError, match=r"nothing\.mib does not exist"):
        found(tmp_path / "nothing.mib")


def test_files_that_are_too_large_fail_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that become large when they are unpacked."""
    monkeypatch.setattr(sources, "LARGEST_FILE", 1024)
    (tmp_path / "big").write_bytes(b"x" * 1025)
    (tmp_path / "good").write_bytes(b"x" * 1024)
    with zipfile.ZipFile(tmp_path / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"0" * 100_000)
    contents = found(tmp_path)
    assert "larger than" in str(contents[f"{tmp_path}/big"])
    assert "larger than" in str(contents[f"{tmp_path}/z.zip!bomb"])
    assert contents[f"{tmp_path}/good"] == b"x" * 1024


def test_archives_that_hold_too_much_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is unpacked."""
    monkeypatch.setattr(sources, "LARGEST_ARCHIVE", 1000)
    with zipfile.ZipFile(tmp_path / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"0" * 100_000)
    with pytest.raises(CompileError, match=r"z\.zip holds more than"):
        found(tmp_path / "z.zip")


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    """A member that cannot be unpacked fails alone."""
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("one", b"A" * 100)
    path.write_bytes(path.read_bytes().replace(b"A" * 100, b"B" * 100))
    assert "cannot be unpacked" in str(found(path)[f"{path}!one"])


def test_a_file_without_a_mib_is_recognized() -> None:
    """Read-me files in folders are skipped."""
    assert is_mib(FANS.encode())
    assert is_mib(FANS.encode("utf-16"))
    assert not is_mib(b"Read me")
