"""Alert types and titles."""

import re

from opsconductor.model.enums import Category
from tests.support.notify.notifications import Module, derived


def test_the_prefix_of_a_product_is_left_out() -> None:
    """Alert types and titles name the problem."""
    found = derived("acmeGearFanFailure acmeGearLinkDown acmeGearDiskFull")
    assert found["acmeGearFanFailure"].alert_type == "environment_fan_failure"
    assert found["acmeGearLinkDown"].alert_type == "network_link_down"
    assert found["acmeGearFanFailure"].title == "Fan Failure - {device_name}"


def test_what_is_concerned_stays_where_only_a_state_would_be_left() -> None:
    """In a MIB about fans the word that all names have is not left out; nor is one that is no product."""
    fans = derived("acmeFanFailed acmeFanRestored acmeFanRemoved")
    assert fans["acmeFanFailed"].alert_type == fans["acmeFanRestored"].alert_type == "environment_fan"
    assert fans["acmeFanRemoved"].title == "Fan Removed - {device_name}"
    sessions = derived("bfdSessUp bfdSessDown")
    assert sessions["bfdSessDown"].title == "BFD Sess Down - {device_name}"
    numbered = derived("acme3xFanFailed acme3xFanRemoved acme3xFanOk")
    assert numbered["acme3xFanRemoved"].title == "Fan Removed - {device_name}"


def test_a_title_shows_the_resource_and_writes_acronyms() -> None:
    """The resource comes after the device."""
    module = Module()
    index = module.column("acmePeerIndex", "acmePeerIndex")
    module.notification("acmeBgpPeerDown", index)
    module.notification("acmeFanFail")
    assert module.derived()["acmeBgpPeerDown"].title == "BGP Peer Down - {device_name} {resource}"


def test_problems_that_do_not_belong_together_have_different_types() -> None:
    """Otherwise two problems of one device would be one alert."""
    found = derived("acmeFanFail acmeFanFailNotification acmeFanFailTrap acmeLinkDown acmeDoorOpen")
    types = [mapping.alert_type for mapping in found.values()]
    assert len(set(types)) == len(types)


def test_stages_of_one_object_are_named_by_their_common_words() -> None:
    """Too high and too low are ended by one clear, so that neither names the alert."""
    found = derived("acmeRxPowerHigh acmeRxPowerLow acmeRxPowerNormal acmeFanFail")
    types = {found[name].alert_type for name in ("acmeRxPowerHigh", "acmeRxPowerLow", "acmeRxPowerNormal")}
    assert types == {"power_rx_power"}


def test_numbers_belong_to_the_word_before_them() -> None:
    """Versions and positions are written as in the name."""
    found = derived("acmeOspf3NbrDown acmeFanFail")
    assert found["acmeOspf3NbrDown"].alert_type == "network_ospf3_nbr_down"
    assert found["acmeOspf3NbrDown"].title == "OSPF3 Nbr Down - {device_name}"


def test_types_keep_to_the_form_of_alert_types() -> None:
    """Category, then lower-case words; never longer than the column of the database allows."""
    name = "acme" + "VeryLongWord" * 20 + "Failed"
    for mapping in (*derived(f"{name} acmeUmlaut-x_Y9Failed").values(),):
        assert re.fullmatch(r"[a-z]+_[a-z0-9_]{1,90}", mapping.alert_type)
        assert mapping.alert_type.partition("_")[0] in set(Category)


def test_derivation_is_deterministic() -> None:
    """The order of notifications does not matter."""
    names = ["acmeFanFail", "acmeFanOk", "acmeLinkDown", "acmeLinkUp", "acmeConfigChanged"]
    module, reverse = Module(), Module()
    for name in names:
        module.notification(name)
    reverse.notifications = list(reversed(module.notifications))
    assert module.derived() == reverse.derived()
