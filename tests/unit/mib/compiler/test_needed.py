"""Which files of a collection are compiled for the catalogue."""

from opsconductor.errors import CompileError
from opsconductor.mib.compiler.needed import needed_files
from opsconductor.mib.compiler.sources import MibFile

TRAP = (
    b"A-MIB DEFINITIONS ::= BEGIN IMPORTS b FROM B-MIB;\n a NOTIFICATION-TYPE STATUS current ::= { b 1 }\nEND"
)


def file(name: str, content: bytes) -> MibFile:
    """Return a file."""
    return MibFile(name, lambda: content)


def names(*files: MibFile) -> list[str]:
    """Return the names of the files that are needed."""
    return [each.name for each in needed_files(files)]


def test_files_with_notifications_and_what_they_import_are_needed() -> None:
    """Imports are followed, also from one imported module to the next; the others are left out."""
    found = names(
        file("c", b"C-MIB DEFINITIONS ::= BEGIN\nc OBJECT IDENTIFIER ::= { iso 3 }\nEND"),
        file("a", TRAP),
        file("b", b"B-MIB DEFINITIONS ::= BEGIN IMPORTS c FROM C-MIB;\nEND"),
        file("d", b"D-MIB DEFINITIONS ::= BEGIN IMPORTS NOTIFICATION-TYPE FROM SNMPv2-SMI;\nEND"),
    )
    assert found == ["c", "a", "b"]


def test_a_file_that_differs_in_white_space_only_is_used_once() -> None:
    """The first of them is used."""
    assert names(file("one", TRAP), file("two", TRAP.replace(b"\n", b"\r\n  "))) == ["one"]


def test_a_file_that_cannot_be_read_is_kept_so_that_it_is_reported() -> None:
    """The compiler reports the reason."""

    def fail() -> bytes:
        raise CompileError("it is larger than 16 MiB")

    assert names(MibFile("large", fail)) == ["large"]
