"""Appends each notification to a file."""

import asyncio
import os

from opsconductor.connector.interface import CheckResult
from opsconductor.errors import Unreachable
from opsconductor.model.notifications.notification import Notification, Receipt

from .config import AcmeConfig
from .message import line_of


class AcmeChannel:
    """Channel that writes notifications to one file."""

    def __init__(self, config: AcmeConfig) -> None:
        self._config = config

    async def send(self, notification: Notification) -> Receipt:
        """Write one notification; raises Unreachable, after which it is retried."""
        try:
            await asyncio.to_thread(self._append, line_of(notification))
        except OSError as error:
            raise Unreachable(f"{self._config.path}: {error.strerror}") from error
        return Receipt(detail=f"written to {self._config.path}")

    async def check(self) -> CheckResult:
        """Check whether the file can be written, without writing to it."""
        path = self._config.path
        is_writable = await asyncio.to_thread(os.access, path if path.exists() else path.parent, os.W_OK)
        return CheckResult(ok=is_writable, message=f"{path} can{'' if is_writable else 'not'} be written")

    async def close(self) -> None:
        """Do nothing: no connection is kept open."""

    def _append(self, line: str) -> None:
        with self._config.path.open("a", encoding="utf-8") as file:
            file.write(line)
