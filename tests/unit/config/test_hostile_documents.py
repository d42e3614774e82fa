"""Hostile files: nested without end, aliases of aliases, larger than any configuration."""

from pathlib import Path

import pytest

from opsconductor.config.provision import document, yaml_reading
from opsconductor.config.provision.document import parse_document, read_document
from opsconductor.errors import ConfigError

HERE = Path("hostile.yaml")
ALIASES = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)
DEEP_BY_ALIAS = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 2000))
DEEP = {
    "flow lists that never end": "[" * 100_000,
    "flow lists": "a: " + "[" * 50_000 + "]" * 50_000,
    "flow mappings": "{a: " * 50_000,
    "block mappings": "\n".join(" " * n + "a:" for n in range(2_000)),
    "block lists": "- " * 20_000 + "a",
    "keys of keys": "? " * 20_000,
    "one level too many": "a: " + "[" * yaml_reading.DEEPEST + "]" * yaml_reading.DEEPEST,
    "through aliases": DEEP_BY_ALIAS,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_endless_nesting_is_a_fault_and_not_the_end_of_the_process(text: str) -> None:
    """Deep nesting is reported with its line; the C parser would overflow its stack on it."""
    _, faults = parse_document(text, HERE)
    assert any("nested" in fault.found and fault.line is not None for fault in faults)


def test_usual_nesting_is_read() -> None:
    """The limit is far above what any configuration needs."""
    levels = yaml_reading.DEEPEST - 1
    found, faults = parse_document("a: " + "[" * levels + "]" * levels, HERE)
    assert (faults, isinstance(found.value, dict)) == ([], True)


def test_aliases_of_aliases_are_refused_early() -> None:
    """A few lines that stand for 10,000,000,000 values are refused before any is made."""
    with pytest.raises(ConfigError, match="aliases"):
        parse_document(ALIASES, HERE)


def test_a_file_that_is_too_large_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file above the limit is a fault, and so is a device file that never ends."""
    monkeypatch.setattr(document, "LARGEST_FILE_BYTES", 1_000)
    path = tmp_path / "large.yaml"
    path.write_text("a: b\n" * 201)
    for file in (path, Path("/dev/zero")):
        found, (fault,) = read_document(file)
        assert (found.value, fault.found, fault.expected) == (None, "more than 1000 bytes", "a smaller file")
    path.write_text("a: b\n# " + "x" * 990)
    assert read_document(path)[1] == []


@pytest.mark.parametrize("text", ["0x" + "f" * 5_000, "9" * 5_000], ids=["hexadecimal", "decimal"])
def test_a_number_of_too_many_digits_is_a_fault(text: str) -> None:
    """Python writes at most 4,300 digits, and values found are shown in messages and stored as JSON."""
    _, (fault,) = parse_document(f"a: {text}", HERE)
    assert (fault.key, fault.found) == ("a", "int that cannot be read")
