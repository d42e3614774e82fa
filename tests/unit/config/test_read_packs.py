"""Reading mapping packs: once from YAML, then from the built file, until a pack changes."""

import json
from pathlib import Path

import pytest

from opsconductor.config.provision import packs
from opsconductor.config.provision.packs import BUILT, read_packs
from opsconductor.errors import ConfigError

PACK = """oid_mappings:
  - oid_pattern: 1.3.6.1.4.1.99999.0.1
    alert_type: power_lost
    category: power
    default_severity: major
    title_template: Power Lost - {device_name}
    notes: kept
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder with one pack."""
    folder = tmp_path / "packs"
    folder.mkdir()
    (folder / "example.yaml").write_text(PACK)
    return folder


def test_packs_are_read_from_the_built_file_until_one_changes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second start reads no YAML; a changed pack is read again."""
    first = read_packs(folder, tmp_path)
    assert [row["title_template"] for row in first] == ["Power Lost - {device_name}"]
    with monkeypatch.context() as patched:
        patched.setattr(packs, "read_pack_files", None)
        assert read_packs(folder, tmp_path) == first
    (folder / "example.yaml").write_text(PACK.replace("Lost -", "Gone -"))
    assert [row["title_template"] for row in read_packs(folder, tmp_path)] == ["Power Gone - {device_name}"]


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{}", b'{"digest": "old", "rows": []}'])
def test_a_built_file_that_is_damaged_is_built_again(folder: Path, tmp_path: Path, content: bytes) -> None:
    """Whatever it contains, the packs are loaded, and the file is right afterwards."""
    (tmp_path / BUILT).write_bytes(content)
    rows = read_packs(folder, tmp_path)
    assert len(rows) == 1
    assert json.loads((tmp_path / BUILT).read_bytes())["rows"] == rows


def test_packs_are_read_even_if_the_built_file_cannot_be_written(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The failure is logged with the file."""
    assert len(read_packs(folder, tmp_path / "missing")) == 1
    (record,) = caplog.records
    assert record.__dict__["file"] == str(tmp_path / "missing" / BUILT)


def test_all_faults_of_all_packs_are_named(folder: Path, tmp_path: Path) -> None:
    """A wrong value, a repeated row, and a row that is no mapping."""
    (folder / "again.yaml").write_text(PACK + "devices: [{ip_address: 192.0.2.1, name: a}]\n")
    (folder / "bad.yaml").write_text(PACK.replace("major", "huge").replace("0.1", "0.2"))
    with pytest.raises(ConfigError) as refused:
        read_packs(folder, tmp_path)
    assert len(refused.value.faults) == 3
    assert not (tmp_path / BUILT).exists()


def test_a_pack_that_cannot_be_read_is_a_fault(folder: Path, tmp_path: Path) -> None:
    """As during an update that replaces files; a reload then changes nothing."""
    (folder / "gone.yaml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="gone"):
        read_packs(folder, tmp_path)
