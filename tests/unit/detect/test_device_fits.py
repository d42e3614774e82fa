"""Thousands of new devices do not block the detector for long: they are fitted gradually."""

import numpy as np

from opsconductor.detect.device_class import FIT_EVERY_S, DeviceClass, most_fits

WIDTH = 64


def test_new_devices_are_fitted_over_several_steps() -> None:
    """A step decomposes a bounded number of them, so that the daemon can stop; all get their turn."""
    amount = 2 * most_fits(WIDTH) + 5
    devices = DeviceClass.empty(WIDTH, amount)
    done = []
    for step in range(4):
        devices.fit(300.0 * step)
        done.append(int(np.isfinite(devices.fitted).sum()))
    assert done == [most_fits(WIDTH), 2 * most_fits(WIDTH), amount, amount]
    assert devices.directions.any(axis=(1, 2)).all()


def test_those_that_wait_the_longest_are_first() -> None:
    """No device waits for ever when more are due than one step fits."""
    amount = 2 * most_fits(WIDTH)
    devices = DeviceClass.empty(WIDTH, amount)
    devices.fitted[...] = np.arange(amount)[::-1]
    now = amount + FIT_EVERY_S
    devices.fit(now)
    assert (devices.fitted[-most_fits(WIDTH) :] == now).all()
    assert (devices.fitted[: most_fits(WIDTH)] != now).all()


def test_small_devices_are_not_slowed() -> None:
    """Thousands of devices of eight series are fitted at once."""
    assert most_fits(8) > 20_000
