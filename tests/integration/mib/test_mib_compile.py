"""MIB files are compiled in processes of their own; none can stop the others."""

import sys
from collections.abc import Sequence

import pytest

from opsconductor.errors import CompileError
from opsconductor.mib.compiler import pool as pools
from opsconductor.mib.compiler.compilation import compile_files
from opsconductor.mib.compiler.pool import WorkerPool
from opsconductor.mib.compiler.report import Compilation, Completeness, StoredModule
from opsconductor.mib.compiler.sources import MibFile
from tests.support.mib_modules import FANS, module

BOMB = FANS.replace("ACME-FAN-MIB", "BOMB-MIB") + "x OBJECT-TYPE " + "SYNTAX (" * 3000

SLEEPER = """
import sys, time
sys.stdout.buffer.write(bytes([0, 0, 0, 2]) + b"{}")
sys.stdout.buffer.flush()
time.sleep(60)
"""
"""A process that is ready, and then does not answer."""


def files(*contents: str) -> list[MibFile]:
    """Make files of these contents, named by number."""
    return [MibFile(f"{number}.mib", lambda text=text: text.encode()) for number, text in enumerate(contents)]  # type: ignore[misc]


async def compiled(*contents: str, stored: Sequence[StoredModule] = ()) -> Compilation:
    """Compile files with one worker."""
    seen: list[int] = []
    async with WorkerPool(1) as pool:
        found = await compile_files(
            files(*contents), stored, pool, lambda done, *_: seen.append(done), workers=1
        )
    assert seen == list(range(1, len(contents) + 1))
    return found


async def test_modules_come_with_their_facts_and_texts() -> None:
    """A file without a MIB is skipped."""
    found = await compiled(FANS, "read me")
    (fan,) = found.modules
    assert (fan.name, fan.source, fan.completeness) == ("ACME-FAN-MIB", "0.mib", Completeness.WHOLE)
    assert [fact.name for fact in fan.notifications] == ["acmeFanFailed"]
    assert len([fact for fact in fan.objects if fact.syntax]) == 3
    assert fan.texts["acmeFanFailed"].annotations[0] == ("SEVERITY", "MAJOR")
    assert (found.failed, found.ignored) == ((), ("1.mib",))


async def test_the_newest_version_of_a_module_counts() -> None:
    """Of those read now and the one stored before; the others are listed."""
    older = FANS.replace("202401020304Z", "201901020304Z").replace("acmeFanFailed", "acmeFanGone")
    found = await compiled(older, FANS)
    assert [fact.name for fact in found.modules[0].notifications] == ["acmeFanFailed"]
    assert [(other.source, other.updated, other.kept) for other in found.other_versions] == [
        ("0.mib", "201901020304", "1.mib")
    ]
    kept = found.modules[0]
    stored = StoredModule(name=kept.name, source="before.mib", updated=kept.updated, form=kept.form)
    again = await compiled(older, stored=[stored])
    assert [(other.source, other.kept) for other in again.other_versions] == [("0.mib", "before.mib")]
    assert not again.modules[0].is_new
    assert [fact.name for fact in again.modules[0].notifications] == ["acmeFanFailed"]


async def test_a_file_that_takes_too_long_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process is ended, and the next file gets another one."""
    monkeypatch.setattr(pools, "WORKER", (sys.executable, "-c", SLEEPER))
    async with WorkerPool(1, parse_limit_s=1) as pool:
        with pytest.raises(CompileError, match="it takes longer than 1 s"):
            await pool.parse(FANS.encode())
        monkeypatch.undo()
        assert [row["name"] for row in await pool.parse(FANS.encode())] == ["ACME-FAN-MIB"]


async def test_a_parser_that_dies_takes_no_other_file_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is listed with the reason."""
    monkeypatch.setattr(pools, "WORKER", (sys.executable, "-c", "raise SystemExit(3)"))
    async with WorkerPool(1) as pool:
        with pytest.raises(CompileError, match="ended unexpectedly"):
            await pool.parse(b"x")


async def test_hostile_modules_do_not_stop_good_ones() -> None:
    """Deep nesting, one token of megabytes, thousands of unclosed definitions."""
    deep = module("deepThing OBJECT-TYPE SYNTAX " + "{" * 50_000 + " ::= { acme 3 }", "DEEP-MIB")
    long = module(f"{'x' * 3_000_000} OBJECT IDENTIFIER ::= {{ acme 3 }}", "LONG-MIB")
    number = module(f"big OBJECT IDENTIFIER ::= {{ acme {'9' * 100_000} }}", "NUMBER-MIB")
    found = await compiled(BOMB, deep, long, number, FANS)
    names = {each.name for each in found.modules}
    assert "ACME-FAN-MIB" in names
    assert {each.source for each in found.failed} <= {"0.mib", "1.mib", "2.mib", "3.mib"}
