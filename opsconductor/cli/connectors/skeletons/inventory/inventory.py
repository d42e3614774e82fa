"""Publishes the devices listed in a file."""

import asyncio

from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult, Publish
from opsconductor.errors import ConnectorError, StoreUnavailable, Unreachable
from opsconductor.model.inventory.listed import Inventory

from .config import AcmeConfig
from .normalize import inventory_of


class AcmeInventory:
    """Inventory that reads its file at a fixed interval."""

    def __init__(self, config: AcmeConfig, context: ConnectorContext) -> None:
        self._config = config
        self._context = context

    async def run(self, publish: Publish) -> None:
        """Publish everything that the file lists, until cancelled."""
        while True:
            self._context.report_polling()
            try:
                await publish(await self._read())
                self._context.report_up()
            except (ConnectorError, StoreUnavailable) as error:
                self._context.report_down(error)
            await asyncio.sleep(self._config.interval.total_seconds())

    async def check(self) -> CheckResult:
        """Check whether the file can be read."""
        try:
            found = await self._read()
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        return CheckResult(ok=True, message=f"{len(found.devices)} devices")

    async def _read(self) -> Inventory:
        taken_at = self._context.now()
        try:
            content = await asyncio.to_thread(self._config.path.read_bytes)
        except OSError as error:
            raise Unreachable(f"{self._config.path}: {error.strerror}") from error
        return inventory_of(content, taken_at)
