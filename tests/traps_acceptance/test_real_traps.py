"""Traps of public sources with nothing configured; see the package."""

from pathlib import Path

import asyncpg
import pytest

from opsconductor.app.configuring.loading import read_configuration
from tests.traps_acceptance.figures import by_vendor, figures_of, is_wrong_resolve, line_of
from tests.traps_acceptance.play import Outcome, play_all

PLAYED: list[Outcome] = []


@pytest.fixture
async def outcomes(pool: asyncpg.Pool, tmp_path: Path) -> list[Outcome]:
    """Play all cases with the configuration of a fresh daemon, once for all tests."""
    if not PLAYED:
        PLAYED.extend(play_all(await read_configuration(pool, data_dir=tmp_path), tmp_path))
    return PLAYED


async def test_what_the_mibs_that_ship_define_meets_the_targets(outcomes: list[Outcome]) -> None:
    """Traps of known notifications are named, rated, distinguished, and end exactly their problems."""
    known = [each for each in outcomes if each.is_known]
    missed = {each.name: each.misses for each in figures_of(known) if not each.is_met}
    assert missed == {}


async def test_no_trap_ends_what_it_is_not_about(outcomes: list[Outcome]) -> None:
    """No alert is resolved by a trap about another object, known or not."""
    assert [line_of(each) for each in outcomes if is_wrong_resolve(each)] == []


async def test_the_set_is_large_and_wide(outcomes: list[Outcome]) -> None:
    """It has at least 240 traps of 27 vendors, and each case has its source."""
    assert len(outcomes) >= 240
    assert len(by_vendor(outcomes)) >= 27
