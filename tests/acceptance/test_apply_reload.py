"""`apply --reload` brings a change into force in the running daemon, or says that it did not."""

from tests.acceptance.test_faulty_configuration import ended
from tests.support.daemon import Daemon, running

DEVICE = "devices: [{ip_address: 192.0.2.9, name: named-now}]\n"


async def test_a_change_is_in_force_at_once(daemon: Daemon, database_url: str) -> None:
    """With --reload the daemon takes the change on; without, the command says how to; again is nothing."""
    daemon.write_settings({"database": {"url": database_url}})
    file = daemon.folder / "device.yaml"
    file.write_text(DEVICE)
    async with running(daemon):
        status, text = await ended(daemon, "apply", "--reload", str(file))
        assert (status, text.splitlines()[-1]) == (0, "reloaded")
        status, text = await ended(daemon, "apply", "--reload", str(file))
        assert (status, text) == (0, "0 added, 0 changed, 0 deleted, 1 unchanged\n")
        file.write_text(DEVICE.replace("named-now", "named-later"))
        status, text = await ended(daemon, "apply", str(file))
        assert status == 0
        assert "opsconductor reload" in text
