"""Which objects identify what is affected."""

import pytest

from tests.support.notify.notifications import Module


def resource_of(module: Module, *objects: str) -> tuple[str, ...]:
    """Derive the resource of a problem with these objects."""
    module.notification("acmeThingFailed", *objects)
    return module.derived()["acmeThingFailed"].resource


def test_index_objects_identify_a_row() -> None:
    """Sent themselves, their values are the resource, in the order of the index."""
    module = Module()
    slot = module.column("acmeSlotNumber", "acmeShelfNumber acmeSlotNumber")
    shelf = module.column("acmeShelfNumber", "acmeShelfNumber acmeSlotNumber")
    state = module.column("acmeCardTemperature", "acmeShelfNumber acmeSlotNumber")
    assert resource_of(module, state, slot, shelf) == ("acmeShelfNumber", "acmeSlotNumber")


def test_a_column_identifies_its_row() -> None:
    """Without the index objects, the instance of a column identifies its row."""
    module = Module()
    value = module.column("acmeSensorValue", "acmeSensorIndex")
    assert resource_of(module, value) == ("acmeSensorValue(index)",)


def test_the_longer_index_is_enough() -> None:
    """The index of a port contains its device."""
    module = Module()
    device = module.column("acmeDeviceModel", "acmeDeviceIndex")
    port = module.column("acmePortSpeed", "acmeDeviceIndex acmePortIndex")
    assert resource_of(module, device, port) == ("acmePortSpeed(index)",)


def test_records_of_a_log_identify_nothing() -> None:
    """The number of a record never comes back; an identifier among its columns does."""
    module = Module()
    number = module.column("acmeEventLogIndex", "acmeEventLogIndex")
    source = module.column("acmeEventLogOid", "acmeEventLogIndex", "OBJECT IDENTIFIER")
    text = module.column("acmeEventLogText", "acmeEventLogIndex", "OCTET STRING")
    assert resource_of(module, number, source, text) == ("acmeEventLogOid",)


def test_only_scalars_without_identity_are_the_device() -> None:
    """The resource is empty: the device itself."""
    module = Module()
    text = module.scalar("acmeMessageText")
    serial = module.scalar("acmeSysSerial")
    assert resource_of(module, text, serial) == ()


@pytest.mark.parametrize(
    "name",
    ["acmeTrapTime", "acmeEventCount", "acmeAlarmSeverity", "acmeLastMessage", "acmeSequenceNumber",
     "acmeFanSpeed", "acmeCauseDescription", "acmeThreshold", "acmeCurrentValue", "acmeAlarmEventId",
     "acmeSysName", "acmeReasonCode"],
)  # fmt: skip
def test_measured_values_texts_and_counters_are_not_the_resource(name: str) -> None:
    """It differs each time, so that no clear would find its problem."""
    module = Module()
    other = module.scalar("frobUnit")
    assert resource_of(module, module.scalar(name, "INTEGER"), other) == ("frobUnit",)


@pytest.mark.parametrize(
    "name",
    ["acmePortId", "acmePeerAddress", "acmeApMacAddress", "acmeSensorName", "acmeSlot", "acmeVrid",
     "acmeLunIndex", "acmeServerIp", "acmeModuleNumber"],
)  # fmt: skip
def test_names_ids_and_addresses_identify(name: str) -> None:
    """Objects outside of tables count by their names."""
    module = Module()
    text = module.scalar("frobText")
    assert resource_of(module, text, module.scalar(name, "INTEGER")) == (name,)


def test_counters_times_and_units_are_never_the_resource() -> None:
    """Whatever their names."""
    module = Module()
    ticks = module.scalar("acmePortId", "TimeTicks")
    load = module.scalar("acmeLoadId", "INTEGER", units="percent")
    assert resource_of(module, ticks, load) == ()
