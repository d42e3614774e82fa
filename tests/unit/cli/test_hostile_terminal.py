"""Commands that print text of devices or files: no escape sequence of it reaches the terminal."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from opsconductor.cli import main
from opsconductor.config.provision.document import parse_document
from opsconductor.config.provision.export import dump
from tests.acceptance.connectors.test_injection import HOSTILE, trap
from tests.fuzz.harmless import assert_plain

TEXTS = {name: text.decode("utf-8", "replace") for name, text in HOSTILE.items()}
STORABLE = {name: text.replace("\0", "") for name, text in TEXTS.items()}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_packet_is_explained_in_plain_lines(text: bytes) -> None:
    """`trap decode` shows the contents of a packet and escapes its control characters."""
    result = CliRunner().invoke(main, ["trap", "decode", "-"], input=trap(text).hex())
    assert result.exit_code == 0, result.output
    assert_plain(result.output)
    assert "public" not in result.output


@pytest.mark.parametrize("text", STORABLE.values(), ids=STORABLE.keys())
def test_an_export_is_plain_and_reads_back_unchanged(text: str) -> None:
    """`export` writes unusual names as escapes, and they are read back unchanged."""
    written = dump({"devices": [{"name": text, text[:100]: 1}]})
    assert_plain(written)
    read, faults = parse_document(written, Path("export.yaml"))
    assert faults == []
    assert read.value == {"devices": [{"name": text, text[:100]: 1}]}


def test_usual_names_are_written_as_they_are() -> None:
    """Umlauts and other letters stay readable."""
    assert "Zürich-Süd 東京" in dump({"site": "Zürich-Süd 東京"})


def test_faults_of_a_hostile_file_are_plain_lines(tmp_path: Path) -> None:
    """`check-config` and `apply` quote hostile text with escapes."""
    path = tmp_path / "hostile.yaml"
    path.write_text('"x\\e]0;owned\\a\\u202e": 1\nlog: {level: "\\e[2J\\r\\nforged", "\\u2028": 2}\n')
    result = CliRunner().invoke(main, ["check-config", str(path)])
    assert result.exit_code == 2
    assert_plain(result.output)
