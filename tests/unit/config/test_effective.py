"""The settings in force are shown with their origin and without secrets."""

from pathlib import Path

import pytest

from opsconductor.config.effective import MASKED, effective_settings
from opsconductor.config.load import load_with_origins


def test_each_setting_has_value_origin_and_meaning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The origin is the line of the file, the name of the environment variable, or the default."""
    file = tmp_path / "o.yaml"
    file.write_text("database:\n  url: postgresql://u:hunter2@h/o\nengine:\n  settle_time: 90\n")
    monkeypatch.setenv("OPSCONDUCTOR__API__LISTEN", "[::1]:9000")
    loaded = load_with_origins(file)
    found = {each.key: each for each in effective_settings(loaded.settings, loaded.origins)}
    assert "hunter2" not in repr(found)
    url, settle, listen, pool = (
        found[key] for key in ("database.url", "engine.settle_time", "api.listen", "database.pool_size")
    )
    assert (url.value, url.origin, url.place) == (MASKED, "file", f"{file}:2")
    assert (settle.value, settle.default, settle.place) == ("1m30s", "5s", f"{file}:4")
    assert (listen.value, listen.origin, listen.place) == (
        "[::1]:9000",
        "environment",
        "OPSCONDUCTOR__API__LISTEN",
    )
    assert (pool.value, pool.origin, pool.place) == (10, "default", "")
    assert all(each.about for each in found.values() if "." in each.key)
