"""Small state files in the data directory."""

from pathlib import Path
from urllib.parse import quote


def file_of(data_dir: Path, connector: str, what: str) -> Path:
    """Return the path of a connector's file."""
    return data_dir / "mqtt" / f"{quote(connector, safe='')}.{what}.json"


def read_file(file: Path) -> str:
    """Read the file; an empty list if it does not exist. Blocks."""
    return file.read_text(encoding="utf-8") if file.exists() else "[]"


def write_file(file: Path, text: str) -> None:
    """Write the file atomically. Blocks."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)
