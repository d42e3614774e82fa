"""Reading of traps without a mapping."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.mib.enterprises import maker_of
from opsconductor.mib.unmapped import ShownVariable, UnmappedReading, read_unmapped, said_severity
from opsconductor.model.enums import Severity
from opsconductor.shipped import shipped

ACME = "1.3.6.1.4.1.65000.1"
OIDS = st.from_regex(re.compile(r"1\.3\.6\.1\.4\.1(\.[0-9]{1,3}){1,6}"), fullmatch=True)


def variable(text: str, **more: object) -> ShownVariable:
    """Make a variable with a text and without a definition."""
    given = {
        "oid": f"{ACME}.5.0",
        "name": "",
        "instance": "0",
        "word": text,
        "is_text": True,
        "is_quantity": False,
    }
    return ShownVariable(text=text, **{**given, **more})  # type: ignore[arg-type]


def read(*texts: str, name: str = "") -> UnmappedReading:
    """Read a trap with these texts."""
    return read_unmapped(name, [variable(text) for text in texts])


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("The UPS has switched to battery backup power.", Severity.WARNING),
        ("Fan 2 of power supply 1 has failed", Severity.MAJOR),
        ("Lost communication with the module in slot 3", Severity.MAJOR),
        ("Critical temperature reached in rack 4", Severity.CRITICAL),
        ("RAID volume 2 is degraded", Severity.MINOR),
        ("User admin logged in from 10.0.0.9", Severity.INFO),
        ("The running configuration has been changed by admin", Severity.INFO),
        ("Some words about a thing", Severity.WARNING),
    ],
)
def test_words_of_a_sentence_rate_a_problem(text: str, severity: Severity) -> None:
    """The sentence is the title; a problem stays open for a day, an event for an hour."""
    reading = read("SN-4711", text)
    assert (reading.what, reading.severity, reading.is_over) == (text, severity, False)
    assert reading.expires_after == timedelta(hours=1 if severity is Severity.INFO else 24)


@pytest.mark.parametrize(
    "text",
    [
        "Utility power has been restored to the UPS.",
        "Fan 2 has returned to normal operation",
        "Communication with the module was re-established: alarm cleared",
        "The temperature is no longer above its threshold",
        "Link to neighbor is up again now",
    ],
)
def test_a_text_like_a_recovery_is_no_fault(text: str) -> None:
    """It is informational, and nothing is paired with it."""
    reading = read(text)
    assert (reading.severity, reading.is_over) == (Severity.INFO, True)


def test_a_severity_that_the_device_states_wins() -> None:
    """A variable with a name of a severity comes first, then any with such a value."""
    rated = variable("2", name="acmeAlarmSeverity", word="major")
    assert read_unmapped("", [variable("Fan 2 has failed now"), rated]).severity is Severity.MAJOR
    assert read("The fan has failed somehow", "WARNING").severity is Severity.WARNING
    cleared = read_unmapped("", [rated._replace(word="cleared"), variable("Fan 2 has failed now")])
    assert (cleared.severity, cleared.is_over) == (Severity.INFO, True)


def test_without_a_sentence_the_name_and_labels_are_used() -> None:
    """A known notification has its name; a bad label makes a fault."""
    state = variable("2", name="acmeState", word="failed", is_text=False)
    reading = read_unmapped("acmeChanged", [state])
    assert (reading.what, reading.severity) == ("acmeChanged (acmeState failed)", Severity.MAJOR)
    assert read_unmapped("", [variable("12", is_text=False)]).what == ""


def test_problems_with_other_identifiers_are_separate() -> None:
    """Rows, names and addresses identify; counters, times, states and measured values do not."""
    port = variable("7", oid=f"{ACME}.1.1.7", name="acmeIfIndex", instance="7", is_text=False)
    named = variable("psu-1", name="acmePsuName")
    load = variable("93", name="acmeLoad", is_text=False, is_quantity=True)
    state = variable("2", name="acmeState", word="failed", is_text=False)
    assert read_unmapped("", [port, named, load, state]).identifiers == ("#7", "7", "psu-1")
    unknown = [variable("xe-0/0/1"), variable("10.0.0.2"), variable("failed"), variable("2026-11-29")]
    assert read_unmapped("", unknown).identifiers == ("xe-0/0/1", "10.0.0.2")


def test_unknown_rows_share_their_instance() -> None:
    """Old MIBs send objects without instance: last arcs that differ are no instances."""
    old = [variable("3", oid=f"{ACME}.{arc}", instance=str(arc), is_text=False) for arc in (1, 2, 3)]
    assert read_unmapped("", old).identifiers == ()
    row = [variable("3", oid=f"{ACME}.{arc}.9", instance="9", is_text=False) for arc in (1, 2)]
    assert read_unmapped("", row).identifiers == ("#9",)


def test_one_trap_for_all_is_kept_apart_by_its_text() -> None:
    """A device that sends everything as one text has one alert for each text, without measured values."""
    warm, hot = read("Sensor 3 is at 71.5 C since 10:12:00"), read("Sensor 3 is at 80 C since 11:00:09")
    assert warm.identifiers == hot.identifiers == ("Sensor 3 is at * since *",)
    for other in (
        "Sensor 4 is at 80 C since 11:00:09",
        "Link to 00:1b:44:11:3a:b7 is down",
        "Port 1/0/24 is down",
    ):
        assert read(other).identifiers not in (hot.identifiers, read(other.replace("4", "3")).identifiers)


def test_an_octet_of_a_mac_address_is_no_measured_value() -> None:
    """`3a` in an address is not 3 ampere: two stations are two problems."""
    first, second = (read(f"Station 00:1b:44:11:{octet}:b7 was lost").identifiers for octet in ("3a", "4a"))
    assert first != second


@given(
    st.text(max_size=30),
    st.lists(
        st.builds(
            ShownVariable, OIDS, st.text(max_size=12), st.text("0123.", max_size=6), st.text(max_size=300),
            st.text(max_size=20), st.booleans(), st.booleans(),
        ),
        max_size=6,
    ),
)  # fmt: skip
def test_any_trap_is_read(name: str, variables: list[ShownVariable]) -> None:
    """Any trap has a severity and a bounded number of identifiers."""
    reading = read_unmapped(name, variables)
    assert reading.severity is not Severity.CLEAR
    assert len(reading.identifiers) <= 4


@pytest.mark.parametrize(
    ("oid", "name"),
    [
        ("1.3.6.1.4.1.318.0.5", "APC"),
        ("1.3.6.1.4.1.9.9.1", "Cisco"),
        ("1.3.6.1.4.1.20.1", "MIT"),
        ("1.3.6.1.4.1.4294967295.1", "Enterprise 4294967295"),
        ("1.3.6.1.4.1.99999999999.1", ""),
        ("1.3.6.1.4.1.", ""),
        ("1.3.6.1.2.1.1", ""),
    ],
)
def test_the_maker_is_named_by_the_enterprise_number(oid: str, name: str) -> None:
    """Vendors of mappings by their spelling, others as IANA lists them, unlisted ones by their number."""
    assert maker_of(oid) == name


def test_the_table_of_enterprises_is_sorted() -> None:
    """It is searched by halves."""
    lines = (shipped("mibs") / "enterprises.tsv").read_text(encoding="utf-8").splitlines()
    numbers = [int(line.partition("\t")[0]) for line in lines if not line.startswith("#")]
    assert numbers == sorted(set(numbers))
    assert all("\t" in line for line in lines if not line.startswith("#"))


@pytest.mark.parametrize(
    ("texts", "severity"),
    [
        (("Interface eth1 is down", "eth1"), Severity.MAJOR),
        (("critical", "a b c d"), Severity.CRITICAL),
        (("The interface eth1 is up again",), None),
        (("User admin logged in from 10.0.0.9",), None),
        ((), None),
    ],
)
def test_only_words_raise_the_severity_of_an_event(texts: tuple[str, ...], severity: Severity | None) -> None:
    """A trap with a meaningless name is rated by its words; without such words there is no severity."""
    assert said_severity([variable(text) for text in texts]) is severity


def test_short_texts_are_hints() -> None:
    """Words are kept; a severity, a time and a number are not."""
    found = read("tool-of", "critical", "2024-05-06 12:00:00", "4711", "Security Administrator")
    assert (found.what, found.hints) == ("", ("tool-of", "Security Administrator"))


def test_a_remark_is_no_part_of_a_name() -> None:
    """A former name in the table of enterprises is left out."""
    assert maker_of("1.3.6.1.4.1.28458.1") == "Nokia Networks"


def test_sentences_of_the_only_variable_are_different_problems() -> None:
    """Two problems of a device that sends everything as one text are not folded into one."""
    one, other = (
        read_unmapped("", [variable(text, oid=f"{ACME}.6", instance="6")]).identifiers
        for text in ("RX power of Ethernet2 has dropped", "Fan 2 of the power supply has failed")
    )
    assert one != other
