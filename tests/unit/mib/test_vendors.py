"""Inventories and mappings use the same name of a vendor."""

import pytest

from opsconductor.mib.vendors import vendor_of_manufacturer


@pytest.mark.parametrize(
    ("manufacturer", "vendor"),
    [
        ("Cisco", "cisco"),
        ("Cisco Systems, Inc.", "cisco"),
        ("Palo Alto Networks", "paloalto"),
        ("Hewlett Packard Enterprise", "hpe"),
        ("HP", "hpe"),
        ("HPI Racing", "hpi racing"),
        ("HP Inc.", "hpe"),
        ("Canonical", "canonical"),
        ("Intelbras S/A", "intelbras s/a"),
        ("PaloAltoNetworks", "paloalto"),
        ("IBM Corp.", "ibm"),
        ("Dell EMC", "dell"),
        ("F5 Networks", "f5"),
        ("F5", "f5"),
        ("TP-Link", "tp-link"),
        ("Acme Switches", "acme switches"),
    ],
)
def test_manufacturer_becomes_the_word_of_the_mappings(manufacturer: str, vendor: str) -> None:
    """Company forms and spelling do not matter; an unknown maker is its own name in lower case."""
    assert vendor_of_manufacturer(manufacturer) == vendor
