"""Devices by their further names, those of their addresses in the DNS."""

from dataclasses import replace

import pytest

from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.inventory.device import Device
from tests.support.engine.pipeline_scene import device

ONE, OTHER = "10.0.0.1", "10.0.0.2"


def named(address: str, name: str, *names: str) -> Device:
    """Make a device with further names."""
    return replace(device(address, name), names=names)


@pytest.mark.parametrize("text", ["mail.example.net", "MAIL.example.net", "mail.example.net.", "srv1"])
def test_a_further_name_leads_to_its_device(text: str) -> None:
    """In any case, with or without the dot of the root, beside the device's own name."""
    known = InventorySnapshot([named(ONE, "srv1", "mail.example.net", "www.example.net")])
    assert known.key_of(text) == ONE


def test_a_further_name_of_two_devices_leads_to_neither() -> None:
    """The name of a cluster identifies none of its members."""
    known = InventorySnapshot(
        [named(ONE, "a", "cluster.example.net"), named(OTHER, "b", "cluster.example.net")]
    )
    assert known.device_of("cluster.example.net") is None


def test_an_own_name_wins_over_a_further_one() -> None:
    """Another device that has the name only in the DNS does not take it over."""
    known = InventorySnapshot([named(ONE, "a", "b"), named(OTHER, "b")])
    assert known.key_of("b") == OTHER


def test_an_own_full_name_with_the_dot_of_the_root_is_found() -> None:
    """With or without the dot, in the inventory and in the question."""
    known = InventorySnapshot([named(ONE, "a.example.net."), named(OTHER, "b.example.net")])
    for text in ("a.example.net", "a.example.net."):
        assert known.key_of(text) == ONE
    assert known.key_of("b.example.net.") == OTHER
