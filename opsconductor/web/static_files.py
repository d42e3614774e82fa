"""Scripts and styles of the page, served from memory; their addresses change with their content."""

import gzip
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from opsconductor import web as files

MEDIA = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file of the page.

    Attributes:
        media: Its media type.
    """

    content: bytes
    media: str


@cache
def static_files() -> dict[str, StaticFile]:
    """Return the files by their path below `static`."""
    return {
        path.relative_to(files.STATIC).as_posix(): StaticFile(path.read_bytes(), MEDIA[path.suffix])
        for path in sorted(files.STATIC.rglob("*"))
        if path.suffix in MEDIA
    }


@cache
def compressed_file(path: str) -> bytes:
    """Return the content of a file in gzip."""
    return gzip.compress(static_files()[path].content, mtime=0)


@cache
def edition() -> str:
    """Return a digest of all files: a part of their addresses, so that browsers keep them until an upgrade.

    Relative imports of a module have the same digest.
    """
    digest = sha256()
    for path, file in static_files().items():
        digest.update(f"{path}\0{len(file.content)}\0".encode() + file.content)
    return digest.hexdigest()[:16]
