"""Builds the daemon in one straight function, runs it, and takes it down in order.

Sinks start before sources and stop after them, so that nothing that comes in is ever without a
place to go. What can fail of a reload happens before anything live is touched.
"""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import asyncpg
from aiohttp import web

from opsconductor import systemd
from opsconductor.api.application import build_api
from opsconductor.api.dependencies import Dependencies
from opsconductor.app.configuration import Configuration, read_configuration
from opsconductor.app.connectors import LiveConnectors, Plan, all_kinds
from opsconductor.app.status import StatusKeeper
from opsconductor.config.settings import EngineSettings, Settings
from opsconductor.connector.interface import Surroundings
from opsconductor.errors import OpsConductorError
from opsconductor.model.changes import Changes
from opsconductor.notify.worker import deliver_forever
from opsconductor.pipeline.batch import Stages
from opsconductor.pipeline.committer import Committer
from opsconductor.pipeline.engine import Engine
from opsconductor.pipeline.feed import Feed
from opsconductor.pipeline.intake import Intake
from opsconductor.pipeline.ledger import Ledger
from opsconductor.pipeline.worker import Worker
from opsconductor.store.commit import commit
from opsconductor.store.database import open_database
from opsconductor.store.load import load_alerts
from opsconductor.store.local_token import ensure_local_token

log = logging.getLogger(__name__)
