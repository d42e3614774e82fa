"""Versions of the detector: the hyperparameters of the present release are in production, exactly once."""

import json
import logging
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import asyncpg
import pytest

from opsconductor.app.detecting.models import DetectorVersions
from opsconductor.detect.config import DetectorConfig

STATES = "SELECT version, status FROM ml_models ORDER BY version"
AUDIT = "SELECT details FROM audit_log WHERE action = 'model.promote'"


async def test_the_hyperparameters_of_a_release_are_promoted_at_its_start(
    pool: asyncpg.Pool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An upgrade with others promotes a new version, a downgrade the old one; a restart changes nothing."""
    versions = DetectorVersions(pool=pool, data_dir=tmp_path)
    first = DetectorConfig()
    second = replace(first, open_days=200.0)
    with caplog.at_level(logging.INFO, "opsconductor.app.detecting"):
        for wanted, states in (
            (first, ["production"]),
            (replace(first, zone="Europe/Berlin"), ["production"]),
            (second, ["deprecated", "production"]),
            (second, ["deprecated", "production"]),
            (first, ["production", "deprecated"]),
        ):
            await versions.put_in_production(wanted)
            assert [row["status"] for row in await pool.fetch(STATES)] == states
    promoted = [(1, None), (2, 1), (1, 2)]
    details = [row["details"] for row in await pool.fetch(AUDIT)]
    read = [json.loads(each) if isinstance(each, str) else each for each in details]
    assert {(each["version"], each["before"]) for each in read} == set(promoted)
    assert len(read) == len(promoted)
    assert [record.message for record in caplog.records] == [
        "a version of the detector is in production now"
    ] * len(promoted)
    for row in await versions.list():
        content = (tmp_path / row["artifact_path"]).read_bytes()
        assert sha256(content).hexdigest() == row["artifact_sha256"]
        assert json.loads(content)["open_days"] == row["hyperparameters"]["open_days"]
