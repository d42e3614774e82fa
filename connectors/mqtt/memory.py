"""Small files in the data directory that outlive a restart."""

from pathlib import Path
from urllib.parse import quote


def file_of(data_dir: Path, connector: str, what: str) -> Path:
    """Name the file of a connector."""
    return data_dir / "mqtt" / f"{quote(connector, safe='')}.{what}.json"


def read_file(file: Path) -> str:
    """Read what was written; an empty list when there is nothing yet. Blocks."""
    return file.read_text(encoding="utf-8") if file.exists() else "[]"


def write_file(file: Path, text: str) -> None:
    """Write the whole or nothing. Blocks."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)
