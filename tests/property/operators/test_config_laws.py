"""Laws of configuration files."""

from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.config.environment import overridden
from opsconductor.config.provision.diff import Present
from opsconductor.config.provision.document import parse_document
from opsconductor.config.provision.export import dump, export
from opsconductor.config.provision.plan import make_plan
from opsconductor.config.provision.provision import Provision, read_items
from opsconductor.config.provision.rows import Item, ProvisionTable
from opsconductor.config.settings import Settings
from opsconductor.config.vault import Vault
from opsconductor.connector.settings.duration import LONGEST, format_duration, parse_duration
from tests.support.daemons.declaring import INSTALLED

FILE = Path("file.yaml")
PRINTABLE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff")
)
TRICKY = st.sampled_from(
    [
        "no",
        "on",
        "~",
        "null",
        "1:30",
        "0161",
        "1.5e3",
        ".5",
        "0x1F",
        "- a",
        "a: b",
        "#",
        "",
        "1_000",
        "=",
        "<<",
        "2026-01-01",
    ]
)
TEXTS = PRINTABLE | TRICKY
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_dumped_values_are_read_back(value: dict[str, object]) -> None:
    """No text becomes a number, a boolean or null in a file."""
    document, faults = parse_document(dump(value), FILE)
    assert faults == []
    assert document.value == value


@given(st.text(max_size=200))
def test_any_text_is_read_or_is_a_fault(text: str) -> None:
    """No content of a file raises anything."""
    document, faults = parse_document(text, FILE)
    assert faults or isinstance(document.value, dict | list | str | int | float | bool | None)


@given(VALUES)
def test_any_document_becomes_rows_or_faults(value: object) -> None:
    """No structure below the known keys raises anything."""
    for table in ProvisionTable:
        document, _ = parse_document(dump({table.value: value}), FILE)
        for found in read_items(document, "cli"):
            assert str(found)


@given(st.timedeltas(timedelta(0), LONGEST))
def test_durations_are_read_back(length: timedelta) -> None:
    """Written durations are read back exactly, to the microsecond."""
    assert parse_duration(format_duration(length)) == length


@given(
    st.dictionaries(
        st.text("ABCDEFG_", max_size=20).map("OPSCONDUCTOR__".__add__), st.text(min_size=1), max_size=5
    )
)
def test_any_environment_is_taken_or_is_a_fault(environ: dict[str, str]) -> None:
    """No name of a variable raises anything; every unknown one is reported."""
    document, _ = parse_document("api: {}\n", FILE)
    result, faults = overridden(document, environ, Settings)
    assert len(result.variables) + len(faults) == len(environ)


DEVICES = st.lists(
    st.fixed_dictionaries(
        {
            "ip_address": st.ip_addresses(v=4).map(str),
            "name": PRINTABLE.filter(lambda name: 0 < len(name) < 100),
        },
        optional={
            "site": TEXTS.filter(lambda text: len(text) < 100),
            "tags": st.lists(TEXTS, max_size=3),
            "custom_fields": st.dictionaries(TEXTS, TEXTS | st.integers(-5, 5), max_size=3),
        },
    ),
    max_size=5,
    unique_by=lambda device: device["ip_address"],
)


@given(DEVICES)
@settings(max_examples=50)
def test_applied_is_stable_and_exported_is_the_same(devices: list[dict[str, object]]) -> None:
    """After an application, neither the same files nor an export of the result change anything."""
    document, _ = parse_document(dump({"devices": devices}), FILE)
    items = [item for item in read_items(document, "cli") if isinstance(item, Item)]
    assert len(items) == len(devices)
    rows = [Present(table=item.table, row=item.row, origin="cli") for item in items]
    text, _ = export(rows, INSTALLED)
    again = [item for item in read_items(parse_document(text, FILE)[0], "cli") if isinstance(item, Item)]
    for declared in (items, again):
        provision = Provision(files=(FILE,), items=tuple(declared))
        assert make_plan(provision, rows, Vault(bytes(32), {}), installed=INSTALLED, prune=True).changes == ()
