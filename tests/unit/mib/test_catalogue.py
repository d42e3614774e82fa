"""Facts as text, and the index that is built from them."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsconductor.errors import ConfigError, StoreRejected
from opsconductor.mib.built import BUILT, shipped_index
from opsconductor.mib.catalogue import (
    Catalogue,
    read_catalogue,
    read_line,
    read_mapping_line,
    write_catalogue,
    write_line,
    write_mapping_line,
)
from opsconductor.mib.derive.derived import DerivedMapping, Reason, StateRule
from opsconductor.mib.facts import IndexPart, NotificationFact, ObjectFact, ObjectReference
from opsconductor.mib.index import open_index
from opsconductor.mib.indexing import index_of
from opsconductor.mib.lookup import MibFacts, standard_facts
from opsconductor.model.enums import Category, Severity

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\r\x85\u2028\u2029")
)
WORD = st.from_regex(r"[a-zA-Z][a-zA-Z0-9-]{0,20}", fullmatch=True)
OIDS = st.lists(st.integers(0, 30), min_size=1, max_size=8).map(lambda arcs: ".".join(map(str, arcs)))
PARTS = st.builds(
    IndexPart,
    WORD,
    st.sampled_from(["INTEGER", "OCTET STRING", "OBJECT IDENTIFIER", "IpAddress"]),
    WORD | st.just(""),
    st.just(value=False),
    st.none() | st.integers(0, 255),
)
OBJECTS = st.builds(
    ObjectFact,
    OIDS,
    WORD,
    WORD,
    st.sampled_from(["INTEGER", "OCTET STRING", ""]),
    WORD | st.just(""),
    st.dictionaries(st.integers(-5, 500), WORD).map(lambda labels: tuple(sorted(labels.items()))),
    TEXT,
    TEXT,
    st.lists(PARTS).map(tuple),
    st.booleans(),
)
REFERENCES = st.builds(ObjectReference, WORD, OIDS | st.just(""))
NOTIFICATIONS = st.builds(
    NotificationFact, OIDS, WORD, WORD, st.lists(REFERENCES).map(tuple), st.just("cisco")
)


def fact(oid: str, name: str = "thing") -> ObjectFact:
    """Make an object."""
    return ObjectFact(oid, name, "A-MIB", "INTEGER")


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(OBJECTS | NOTIFICATIONS)
def test_a_line_holds_a_whole_fact(a_fact: ObjectFact | NotificationFact) -> None:
    """A fact is written as one line, and reading it gives the same fact."""
    line = write_line(a_fact)
    assert "\n" not in line
    assert read_line(line, "cisco") == a_fact


def test_a_file_is_sorted_by_oid_and_reads_back(tmp_path: Path) -> None:
    """Lines are ordered by number, not by letter; the name of the file is the vendor; remarks stay."""
    ups = NotificationFact("1.3.6.1.4.1.9.10.0.1", "up", "A-MIB", (), "cisco")
    catalogue = Catalogue((fact("1.3.6.1.4.1.9.10"), fact("1.3.6.1.4.1.9.9")), (ups,), ("from somewhere",))
    path = tmp_path / "cisco.tsv"
    path.write_text(write_catalogue(catalogue))
    assert [line.split("\t")[1] for line in path.read_text().splitlines()[1:]] == [
        "1.3.6.1.4.1.9.9",
        "1.3.6.1.4.1.9.10",
        "1.3.6.1.4.1.9.10.0.1",
    ]
    back = read_catalogue(path)
    assert set(back.objects) == set(catalogue.objects)
    assert back.notifications == (ups,)
    assert back.remarks == ("from somewhere",)


MAPPINGS = st.builds(
    DerivedMapping,
    notification=NOTIFICATIONS,
    role=st.sampled_from(["problem", "clear", "stateful", "event"]),
    alert_type=WORD,
    severity=st.sampled_from(Severity),
    category=st.sampled_from(Category),
    title=TEXT.filter(bool),
    resource=st.lists(WORD | WORD.map("{}(index)".format), max_size=5).map(tuple),
    clears=st.lists(WORD, max_size=3).map(tuple),
    state=st.none()
    | st.builds(
        StateRule,
        WORD,
        st.dictionaries(st.integers(-5, 500).map(str), st.sampled_from(Severity)).map(
            lambda values: tuple(values.items())
        ),
        st.lists(st.integers(-5, 500).map(str)).map(tuple),
    ),
    is_cutting=st.booleans(),
    expires_after=st.none() | st.integers(1, 10**6).map(lambda seconds: timedelta(seconds=seconds)),
    confidence=st.integers(0, 100).map(lambda percent: percent / 100),
    reasons=st.lists(
        st.builds(Reason, WORD, WORD, st.integers(-99, 99).map(lambda percent: percent / 100))
    ).map(tuple),
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(MAPPINGS)
def test_a_line_holds_a_whole_mapping(a_fact: DerivedMapping) -> None:
    """A mapping is written as one line, and reading it gives the same mapping, weights included."""
    line = write_mapping_line(a_fact)
    assert "\n" not in line
    assert read_mapping_line(line, lambda _: a_fact.notification) == a_fact


def derived(a_fact: NotificationFact, clears: tuple[str, ...] = ()) -> DerivedMapping:
    """Make the mapping of a notification."""
    return DerivedMapping(
        notification=a_fact,
        role="clear" if clears else "problem",
        alert_type="network_up",
        severity=Severity.CLEAR if clears else Severity.MAJOR,
        category=Category.NETWORK,
        title=f"{a_fact.name} - {{device_name}}",
        resource=("ifIndex",),
        clears=clears,
        state=None,
        is_cutting=False,
        expires_after=None,
        confidence=0.9,
        reasons=(Reason("pair", "down; up", 0.45),),
    )


def test_a_file_and_an_index_hold_the_mappings_of_notifications(tmp_path: Path) -> None:
    """A mapping follows its notification; the index returns it by the OID of the trap, v1 form included.

    Of two notifications with one OID, the mapping belongs to the one that is used.
    """
    up = NotificationFact("1.3.9.0.4", "up", "A-MIB", (ObjectReference("ifIndex", "1.3.1"),), "acme")
    same = NotificationFact("1.3.9.0.4", "up", "B-MIB", (), "acme")
    catalogue = Catalogue((), (up, same), (), (derived(up, ("down",)), derived(same)))
    path = tmp_path / "acme.tsv"
    path.write_text(write_catalogue(catalogue))
    kinds = [line.split("\t")[0] for line in path.read_text().splitlines()]
    assert kinds == ["notification", "mapping"] * 2
    back = read_catalogue(path)
    assert [each.clears for each in back.mappings] == [("down",), ()]
    assert back.mappings[0].reasons == (Reason("pair", "down, up", 0.45),)
    index = index_of(back.objects, back.notifications, back.mappings)
    assert list(index.mappings()) == [back.mappings[0]]
    facts = MibFacts([index_of([fact("1.3.1")]), index])
    found = facts.mapping("1.3.9.4")
    assert found == back.mappings[0]
    assert found.notification == up
    assert facts.mapping("1.3.9.5") is None


@pytest.mark.parametrize(
    "line",
    [
        "mapping\t1.3.6\tA-MIB\tname\tproblem\ttype\tmajor\tnetwork\ttitle",
        "notification\t1.3\tA-MIB\tup\nmapping\t1.3\tA-MIB\tup\tnone\ttype\tmajor\tnetwork\ttitle",
        "notification\t1.3\tA-MIB\tup\nmapping\t1.3\tA-MIB\tup\tevent\ttype\tgrave\tnetwork\ttitle",
        "notification\t1.3\tA-MIB\tup\nmapping\t1.3\tA-MIB\tup\tevent",
    ],
)
def test_a_mapping_that_is_invalid_is_named(tmp_path: Path, line: str) -> None:
    """The notification must come before it; role, severity and the other columns must be valid."""
    path = tmp_path / "acme.tsv"
    path.write_text(f"{line}\n")
    with pytest.raises(ConfigError, match=rf"acme\.tsv:{1 + line.count(chr(10))}"):
        read_catalogue(path)


@pytest.mark.parametrize(
    "line",
    [
        "thing\t1.3.6\tA-MIB\tname",
        "object\t1.3.x\tA-MIB\tname",
        "object\t1.3.6",
        "object\t1.3.6\tA-MIB\tname\tINTEGER\t\tup",
        "object\t1.3.6\tA-MIB\tname" + "\t" * 10 + "more",
    ],
)
def test_an_invalid_line_is_named(tmp_path: Path, line: str) -> None:
    """The fault has file and line; the other lines are read."""
    path = tmp_path / "acme.tsv"
    path.write_text(f"# remark\n{line}\n")
    with pytest.raises(ConfigError, match=r"acme\.tsv:2"):
        read_catalogue(path)


@given(st.sets(OIDS, min_size=1, max_size=30), OIDS)
def test_the_index_finds_the_longest_prefix(oids: set[str], wanted: str) -> None:
    """The answer equals that of trying every prefix, by whole arcs."""
    facts = MibFacts([index_of(map(fact, sorted(oids)))])
    arcs = wanted.split(".")
    prefixes = [".".join(arcs[:end]) for end in range(len(arcs), 0, -1)]
    expected = next((prefix for prefix in prefixes if prefix in oids), None)
    for _ in range(2):
        found = facts.object_above(wanted)
        assert (found and found.oid) == expected


def test_facts_of_imported_mibs_come_before_those_that_ship() -> None:
    """The first index wins where both know an OID; a longer prefix wins over a shorter one."""
    imported = index_of([fact("1.3.1", "mine")])
    facts = MibFacts([imported, index_of([fact("1.3.1", "theirs"), fact("1.3.1.5", "deeper")])])
    assert [facts.object_above(oid).name for oid in ("1.3.1.1", "1.3.1.5.1")] == ["mine", "deeper"]  # type: ignore[union-attr]
    assert [each.name for each in facts.objects_named("theirs")] == ["theirs"]


def test_a_notification_is_found_with_and_without_the_zero_of_v1() -> None:
    """RFC 3584 puts a zero before the last arc; devices and MIBs disagree about it."""
    facts = MibFacts(
        [
            index_of(
                (),
                [
                    NotificationFact("1.3.9.0.4", "up", "A-MIB", ()),
                    NotificationFact("1.3.8.4", "down", "A-MIB", ()),
                ],
            )
        ]
    )
    found = [facts.notification(oid) for oid in ("1.3.9.0.4", "1.3.9.4", "1.3.8.4", "1.3.8.0.4", "1.3.7.4")]
    assert [each and each.name for each in found] == ["up", "up", "down", "down", None]
    assert facts.notifications_named("up")[0].oid == "1.3.9.0.4"


def test_the_built_index_is_kept_until_the_catalogue_changes(tmp_path: Path) -> None:
    """The file is written once, reused, and written anew when a file of the catalogue differs."""
    folder, data_dir = tmp_path / "catalogue", tmp_path / "data"
    folder.mkdir()
    data_dir.mkdir()
    (folder / "acme.tsv").write_text(write_catalogue(Catalogue((fact("1.3.1"),))))
    assert shipped_index(folder, data_dir).size == (1, 0)
    written = (data_dir / BUILT).stat().st_ino
    assert shipped_index(folder, data_dir).size == (1, 0)
    assert (data_dir / BUILT).stat().st_ino == written
    (folder / "other.tsv").write_text(write_catalogue(Catalogue((fact("1.3.2"),))))
    assert shipped_index(folder, data_dir).size == (2, 0)
    assert [path.name for path in data_dir.iterdir()] == [BUILT]


def test_a_damaged_or_unwritable_index_does_not_stop_anything(tmp_path: Path) -> None:
    """A file that is no index is built anew; without a folder for it the index stays in memory."""
    (tmp_path / "acme.tsv").write_text(write_catalogue(Catalogue((fact("1.3.1"),))))
    (tmp_path / BUILT).write_bytes(b"nonsense")
    with pytest.raises(StoreRejected):
        open_index(tmp_path / BUILT)
    assert shipped_index(tmp_path, tmp_path).size == (1, 0)
    assert shipped_index(tmp_path, tmp_path / "missing").size == (1, 0)


def test_standard_modules_are_known() -> None:
    """The shipped standard modules have the objects and notifications that every device sends."""
    facts = standard_facts()
    status = facts.object_above("1.3.6.1.2.1.2.2.1.8.7")
    assert status is not None
    assert (status.module, status.name, status.index[0].name) == ("IF-MIB", "ifOperStatus", "ifIndex")
    assert dict(status.enumeration)[2] == "down"
    notification = facts.notification("1.3.6.1.6.3.1.1.5.3")
    assert notification is not None
    assert [each.name for each in notification.objects] == ["ifIndex", "ifAdminStatus", "ifOperStatus"]
