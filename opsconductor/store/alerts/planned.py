"""Statements planned for their very values, and filters prepared for the indexes."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import asyncpg

from opsconductor.store.alerts.filter import AlertFilter, closed_conditions
from opsconductor.store.alerts.search import terms_of
from opsconductor.store.queries import load

SQL = load("alerts/alert_list")

RARE = 5_000
"""Number of alerts with a term of a search that are read to look for the other terms."""


async def fetch_planned(pool: asyncpg.Pool, sql: str, values: Sequence[Any]) -> Sequence[Any]:
    """Run a statement planned for these very values: a plan for any values may read the whole table."""
    if isinstance(pool, asyncpg.Pool):
        async with pool.acquire() as connection:
            return await fetch_planned(connection, sql, values)
    statement = await pool.prepare(sql)
    rows: Sequence[Any] = await statement.fetch(*values)
    return rows


async def estimate_closed(pool: asyncpg.Pool, wanted: AlertFilter) -> int:
    """Return how many closed alerts PostgreSQL expects to match."""
    found = closed_conditions(wanted)
    sql = SQL["estimate"].format(conditions=found.text())
    ((plan,),) = await fetch_planned(pool, sql, found.values)
    document = json.loads(plan) if isinstance(plan, str) else plan
    return int(document[0]["Plan"]["Plan Rows"])


async def sharpened(pool: asyncpg.Pool, wanted: AlertFilter) -> AlertFilter:
    """Return the filter with what its indexes need to find alerts that are rare."""
    return await _with_addresses(pool, await _with_rarest_term(pool, wanted))


async def _with_rarest_term(pool: asyncpg.Pool, wanted: AlertFilter) -> AlertFilter:
    """Return the filter with the rarest term of its search first, which alone is looked up if it is rare.

    The index has to collect all alerts with a word that begins as a term does, for every term.
    """
    terms = terms_of(wanted.search)
    if len(terms) <= 1:
        return wanted
    found = [(await estimate_closed(pool, AlertFilter(search=term)), term) for term in terms]
    found.sort()
    search = " ".join(term for _, term in found)
    return replace(wanted, search=search, indexed_terms=1 if found[0][0] <= RARE else None)


async def _with_addresses(pool: asyncpg.Pool, wanted: AlertFilter) -> AlertFilter:
    """Return the filter with the addresses of other devices than those it excludes.

    No index finds the alerts of all devices but some. One has all addresses, which are far fewer than alerts.
    """
    if not wanted.other_device:
        return wanted
    rows = await pool.fetch(SQL["addresses"])
    return replace(wanted, possible_ip=frozenset(address for (address,) in rows) - wanted.other_device)
