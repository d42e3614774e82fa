"""Rules over measured values from their rows."""

import re
from collections.abc import Mapping
from typing import Any

import asyncpg

from opsconductor.connector.language.measured import measured_expression
from opsconductor.model.enums import Category
from opsconductor.model.measured.alert_rule import AlertRule, LimitSide, RuleScope, category_of
from opsconductor.store.declared.rules import listed
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("declared/alert_rules")
LONGEST_TYPE = 100


async def load_alert_rules(pool: asyncpg.Pool) -> list[AlertRule]:
    """Return the enabled rules over measured values."""
    with translated():
        rows: list[Mapping[str, Any]] = await pool.fetch(SQL["alert_rules"])
    return [alert_rule_of(row) for row in rows]


def alert_rule_of(row: Mapping[str, Any]) -> AlertRule:
    """Convert a row of `alert_rules`, or a declared one with an id.

    One that cannot be evaluated keeps the reason in `fault`.
    """
    fault = ""
    category = Category(row["category"]) if row["category"] else _category(row)
    try:
        if row["expression"]:
            measured_expression(row["expression"])
    except ValueError as error:
        fault = f"its expression cannot be read: {error}"
    scope = row["scope"]
    return AlertRule(
        id=row["id"],
        name=row["name"],
        scope=RuleScope(**{name: listed(scope.get(name)) for name in RuleScope.__dataclass_fields__}),
        metric=row["metric"],
        resource=row["resource"],
        expression=row["expression"],
        direction=LimitSide(row["direction"]),
        warning=row["warning"],
        critical=row["critical"],
        hysteresis=row["hysteresis"],
        samples=row["samples"],
        category=category,
        alert_type=row["alert_type"] or f"{category}_{_slug(row['name'])}"[:LONGEST_TYPE],
        hold_back=row["hold_back"],
        fault=fault,
    )


def _category(row: Mapping[str, Any]) -> Category:
    """Return the category of a rule that has none: of its alert type, else of its metric."""
    first = (row["alert_type"] or "").partition("_")[0]
    return Category(first) if first in set(Category) else category_of(row["metric"])


def _slug(name: str) -> str:
    """Return a name as the last words of an alert type; names that differ in signs only share it."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "rule"
