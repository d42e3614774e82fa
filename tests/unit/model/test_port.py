"""Ports in resources and titles."""

import pytest

from opsconductor.model.inventory.port import interface_of, with_port


@pytest.mark.parametrize(
    ("resource", "interface"),
    [
        ("ifIndex=7", "ifIndex=7"),
        ("ifIndex=7/in", "ifIndex=7"),
        ("ifIndex=", ""),
        ("ifIndex=7 8", ""),
        ("ifIndex=\u0667", ""),
        ("ifIndex=99999999999", ""),
        ("sensor=7", ""),
        ("", ""),
    ],
)
def test_the_interface_of_a_resource(resource: str, interface: str) -> None:
    """Directions belong to an interface; other resources and texts have none."""
    assert interface_of(resource) == interface


@pytest.mark.parametrize(
    ("title", "resource", "named"),
    [
        ("Link Down - sw ifIndex=7", "ifIndex=7", "Link Down - sw Gi0/7"),
        ("Link Full - sw ifIndex=7/in receives", "ifIndex=7/in", "Link Full - sw Gi0/7 receives"),
        ("Errors - ifIndex=7", "ifIndex=7/in", "Errors - Gi0/7"),
        ("ifIndex=70 ifIndex=7x ifIndex=7/out", "ifIndex=7", "ifIndex=70 ifIndex=7x ifIndex=7/out"),
        ("Link Down - sw", "ifIndex=7", "Link Down - sw"),
        ("ifIndex=7 and ifIndex=7", "ifIndex=7", "Gi0/7 and Gi0/7"),
        ("Errors - ifIndex=7/in", "ifIndex=7/in", "Errors - Gi0/7"),
        ("Errors - sw-ifIndex=7", "ifIndex=7", "Errors - sw-Gi0/7"),
    ],
)
def test_a_title_calls_the_port_by_its_name(title: str, resource: str, named: str) -> None:
    """Only the alert's own interface is renamed, anywhere in the title."""
    assert with_port(title, resource, "Gi0/7") == named
