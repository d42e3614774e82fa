"""Titles and resources: texts with variables of a trap."""

import pytest

from opsconductor.mib.expression import compile_expression, expression_fault, variable
from opsconductor.mib.vendors import vendor_of_oid

VARIABLES = (
    ("1.3.6.1.2.1.2.2.1.10.7", 2, b"99"),
    ("1.3.6.1.2.1.2.2.1.1.7", 2, b"7"),
    ("1.3.6.1.2.1.2.2.1.2.7", 4, b"Gi0/7"),
    ("1.3.6.1.4.1.9.5.1", 5, b""),
    ("1.3.6.1.4.1.9.5.1.10.0.0.1", 4, b"second"),
)


def read(_: str, tag: int, content: bytes) -> str | None:
    """Read a value: the bytes as text; NULL has none."""
    return None if tag == 5 else content.decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("battery", "battery"),
        ("ifIndex={1.3.6.1.2.1.2.2.1.1}", "ifIndex=7"),
        ("ifIndex={.1.3.6.1.2.1.2.2.1.1}", "ifIndex=7"),
        ("ifIndex={1.3.6.1.2.1.2.2.1.1.7}", "ifIndex=7"),
        ("{ifDescr} ({ifIndex})", "Gi0/7 (7)"),
        ("{1.3.6.1.4.1.9.5}", "second"),
        ("{1.3.6.1.4.1.9.5#}", "1"),
        ("{1.3.6.1.4.1.9.5.1.10#}", "0.0.1"),
        ("{ifDescr#}", "7"),
        ("{1.3.6.1.4.1.9.6}", "?"),
        ("{sysName} {resource}", "? R"),
        ("{device_name}: {no such thing}", "{device_name}: {no such thing}"),
        ("an open { and a }", "an open { and a }"),
    ],
)
def test_variables_fill_the_braces(text: str, expected: str) -> None:
    """By OID, by name, by instance; arcs never match partly; a missing variable is a question mark."""
    assert compile_expression(text).fill(VARIABLES, read, resource="R") == expected


def test_interface_comes_from_the_instance_where_ifindex_is_missing() -> None:
    """Some devices send ifDescr.12 without ifIndex: the port is still known."""
    expression = compile_expression("ifIndex={ifIndex}")
    assert expression.fill([("1.3.6.1.2.1.31.1.1.1.18.12", 4, b"uplink")], read) == "ifIndex=12"
    assert expression.fill([("1.3.6.1.2.1.1.5.0", 4, b"name")], read) == "ifIndex=?"


def test_a_single_variable_can_be_found() -> None:
    """Severity maps read one variable."""
    assert variable("1.3.6.1.2.1.2.2.1.1").fill(VARIABLES, read) == "7"


@pytest.mark.parametrize(
    ("text", "is_title", "fault"),
    [
        ("ifIndex={ifIndex}", False, None),
        ("{1.3.6.1.2#}", False, None),
        ("Link Down - {device_name} {resource} {ifName#}", True, None),
        ("{device_name}", False, "{device_name} is allowed in a title only"),
        ("{resource}", False, "{resource} is allowed in a title only"),
        ("{bgpPeerState#2} {vendorObject}", False, None),
        ("{ifIndex#0}", False, "{ifIndex#0}: behind # stands nothing, or the number of a part of the index"),
        ("{1}", False, "{1} is neither an OID nor the name of an object"),
        ("{}", False, "{} is neither an OID nor the name of an object"),
        ("{ifIndex", False, "an unmatched brace"),
        ("{{ifIndex}}", False, "an unmatched brace"),
        ("x" * 256, True, "256 characters, at most 255 are allowed"),
    ],
)
def test_faults_are_explained(text: str, fault: str | None, *, is_title: bool) -> None:
    """The message explains the fault of a mistyped mapping."""
    assert expression_fault(text, is_title=is_title) == fault


@pytest.mark.parametrize(
    ("oid", "vendor"),
    [
        ("1.3.6.1.4.1.9.9.1", "cisco"),
        ("1.3.6.1.4.1.47196.1", "aruba"),
        ("1.3.6.1.4.1.999999.1", None),
        ("1.3.6.1.4.1.", None),
        ("1.3.6.1.2.1.15", None),
        ("", None),
    ],
)
def test_enterprise_number_names_the_vendor(oid: str, vendor: str | None) -> None:
    """The enterprise number identifies the definer of an OID."""
    assert vendor_of_oid(oid) == vendor
