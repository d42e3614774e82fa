"""A start on a full disk."""

from pathlib import Path

import pytest

from opsconductor.config.settings import Settings
from opsconductor.errors import StoreUnavailable
from opsconductor.store.postgres.database import with_remedy

FULL = "could not write init file: No space left on device"


@pytest.mark.parametrize(
    ("database", "place"),
    [({}, "data_dir {folder}"), ({"url": "postgresql://db/x"}, "PostgreSQL's data")],
    ids=["embedded", "external"],
)
def test_a_full_disk_is_reported_with_place_and_remedy(
    tmp_path: Path, database: dict[str, str], place: str
) -> None:
    """PostgreSQL's message has neither path nor remedy."""
    settings = Settings.model_validate({"data_dir": tmp_path, "database": database})
    expected = f"{FULL}: make room on the disk of {place.format(folder=tmp_path)}, then start again"
    assert str(with_remedy(StoreUnavailable(FULL), settings)) == expected


def test_another_error_is_reported_as_it_is(tmp_path: Path) -> None:
    """Nothing is added to it."""
    error = StoreUnavailable("connection refused")
    assert with_remedy(error, Settings(data_dir=tmp_path)) is error
