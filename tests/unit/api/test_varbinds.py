"""Varbinds of a trap as the API shows them, from what is stored."""

import pytest

from opsconductor.api.varbinds import varbinds_of

STATUS = {"oid": "1.3.6.1.2.1.2.2.1.8.7", "name": "ifOperStatus.7", "type": "INTEGER", "value": 2}


def test_name_value_and_meaning_are_those_that_are_stored() -> None:
    """An enumeration shows number and label; an unknown variable has its OID and no name."""
    unknown = {"oid": "1.3.6.1.4.1.99999.1.0", "type": "OCTET STRING", "value": "PSU 2\nfailed"}
    shown = varbinds_of({"varbinds": [STATUS | {"meaning": "down"}, unknown]})
    assert [(each.name, each.value, each.meaning) for each in shown] == [
        ("ifOperStatus.7", 2, "down"),
        (None, "PSU 2\nfailed", None),
    ]


def test_a_time_since_the_start_reads_as_a_duration() -> None:
    """TimeTicks are stored as hundredths of a second and shown as days and hours."""
    (shown,) = varbinds_of(
        {"varbinds": [{"oid": "1.3.6.1.2.1.1.3.0", "type": "TimeTicks", "value": 110471240}]}
    )
    assert shown.meaning == "12d 18:51:52.40"


@pytest.mark.parametrize(
    "raw_data",
    [
        {},
        {"varbinds": "none"},
        {"varbinds": {"oid": "1.3"}},
        {"varbinds": [7, None, "1.3", {}, {"oid": 7}]},
    ],
)
def test_a_message_that_is_no_trap_has_no_varbinds(raw_data: dict[str, object]) -> None:
    """A value that another source stores under the same key shows nothing and is no fault."""
    assert varbinds_of(raw_data) == []
