"""Every kind of mistake in a file is reported with file, line, key, value found and value expected.

Each case is a file (settings) or a folder (provisioning) in `testdata`, with the faults beside it as
text: a new case needs no code.
"""

from pathlib import Path

import pytest

from opsconductor.config.load import load_settings
from opsconductor.config.provision.provision import read_provision
from opsconductor.errors import ConfigError
from tests.support.daemons.declaring import INSTALLED

TESTDATA = Path(__file__).parent / "testdata"
SETTINGS = sorted((TESTDATA / "settings").glob("*.yaml"))
PROVISION = sorted(path for path in (TESTDATA / "provision").iterdir() if path.is_dir())


@pytest.mark.parametrize("case", SETTINGS, ids=lambda path: path.stem)
def test_faulty_settings_are_reported(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A faulty settings file raises one error that lists all of its faults in order."""
    monkeypatch.chdir(case.parent)
    with pytest.raises(ConfigError) as raised:
        load_settings(Path(case.name))
    assert str(raised.value) == case.with_suffix(".faults").read_text().strip()


@pytest.mark.parametrize("case", PROVISION, ids=lambda path: path.name)
def test_faulty_provisioning_is_reported(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Faulty provisioning files raise one error that lists all faults of all files in order."""
    monkeypatch.chdir(case)
    with pytest.raises(ConfigError) as raised:
        read_provision(sorted(Path().glob("*.yaml")), INSTALLED)
    assert str(raised.value) == (case / "all.faults").read_text().strip()


def test_missing_settings_file_is_a_fault(tmp_path: Path) -> None:
    """A named file must exist: the defaults do not replace it."""
    with pytest.raises(ConfigError) as raised:
        load_settings(tmp_path / "none.yaml")
    assert str(raised.value) == (
        f"{tmp_path}/none.yaml: file: found no such file or directory, expected a file that can be read"
    )


def test_missing_provisioning_path_is_a_fault_and_others_are_still_checked(tmp_path: Path) -> None:
    """A missing path is reported together with the faults of the files that exist."""
    (tmp_path / "a.yaml").write_text("device: []\n")
    with pytest.raises(ConfigError) as raised:
        read_provision([tmp_path / "none", tmp_path], INSTALLED)
    assert [fault.file for fault in raised.value.faults] == [f"{tmp_path}/none", f"{tmp_path}/a.yaml"]


def test_no_fault_shows_a_secret() -> None:
    """No expected fault contains the text of a secret."""
    expected = "".join(path.read_text() for path in TESTDATA.rglob("*.faults"))
    for secret in ("hunter2", 'short"', "12345678", "1234567890"):
        assert secret not in expected
