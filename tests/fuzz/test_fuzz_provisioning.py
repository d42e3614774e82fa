"""Almost valid provisioning files, for FUZZ_SECONDS."""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import mkdtemp

from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.app.connectors.types import installed_types
from opsconductor.config.provision.export import dump
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.errors import ConfigError, Fault
from tests.fuzz.mutation import TEXTS, cpu_s, inputs, kept, mutated, seconds, seed

FOLDER = Path(mkdtemp(prefix="opsconductor-fuzz-"))
LIMIT_S = 0.5
"""The largest examples have a hundred rows."""
SHARE = 0.2
ROOT = Path(__file__).parents[2]
CORPUS = [path.read_bytes() for path in sorted((ROOT / "etc").glob("*/*.yaml"))] + [
    path.read_bytes() for path in sorted(ROOT.glob("connectors/*/sample.yaml"))
]
PIECES = (
    b"&a [*a]", b"*a", b"!!python/object/apply:os.system [id]", b"!!binary x", b"<<: *a", b"? ", b"- ",
    b": ", b"|\n", b">-\n ", b"%YAML 9.9\n---\n", b"---\n", b"...\n", b"\t", b"{", b"[", b"]", b"}", b"'",
    b'"', b"#", b"\xef\xbb\xbf", b"0x" + b"f" * 5000, b"9" * 5000, b"1e999", b".nan", b"${env:HOME}",
    b"${file:/etc/shadow}", b"vault:x", *(text.encode("utf-8", "surrogatepass") for text in TEXTS),
)  # fmt: skip


def provisioning_file(chance: Random) -> bytes:
    """Make one file."""
    text = mutated(chance.choice(CORPUS), chance, CORPUS)
    for _ in range(chance.choice((0, 1, 3))):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(PIECES) + text[at:]
    return text


def faults_of(path: Path) -> int:
    """Read a file: it declares something, or its faults say where they are; how many there are."""
    faults: Sequence[Fault] = ()
    try:
        read_provision([path], installed_types())
    except ConfigError as error:
        faults = error.faults
    assert all(fault.file == str(path) and fault.found and fault.expected for fault in faults)
    assert not any("root:" in str(fault) for fault in faults)
    return len(faults)


def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path: Path) -> None:
    """A file is read, or refused with its faults; nothing in it is run or followed; it takes no time."""
    number, path = seed(), tmp_path / "fuzzed.yaml"
    chance, faults = Random(number), list[int]()
    for text in inputs(provisioning_file, seconds(SHARE), chance):
        path.write_bytes(text)
        try:
            assert cpu_s(lambda: faults.append(faults_of(path)), LIMIT_S) < LIMIT_S, "processor time"
        except Exception as error:
            error.add_note(f"FUZZ_SEED={number}: {kept(text, 'provision')}")
            raise
    print(f"FUZZ_SEED={number}: {len(faults)} files, {sum(map(bool, faults))} refused")  # noqa: T201
    assert 0 in faults
    assert any(faults)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(TEXTS)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
COLUMNS = st.sampled_from(
    [
        "name",
        "type",
        "config",
        "oid_pattern",
        "alert_type",
        "category",
        "conditions",
        "channels",
        "ip_address",
        "tags",
    ]
)
ROWS = st.dictionaries(COLUMNS | st.text(max_size=5), VALUES, max_size=6)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(list(ProvisionTable)), st.lists(ROWS | VALUES, max_size=3) | VALUES))
def test_any_values_in_any_column_are_read_or_refused(declared: dict[ProvisionTable, object]) -> None:
    """Values of every type in every place are refused with a message, never with an exception of Python."""
    path = FOLDER / "any.yaml"
    path.write_text(
        dump({table.value: rows for table, rows in declared.items()}),
        encoding="utf-8",
        errors="surrogatepass",
    )
    faults_of(path)
