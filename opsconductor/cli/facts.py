"""What commands know of MIBs without asking the daemon."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from opsconductor.config.load import load_settings
from opsconductor.errors import ConfigError
from opsconductor.mib.built import BUILT, shipped_index
from opsconductor.mib.facts import NotificationFact, ObjectFact
from opsconductor.mib.lookup import MibFacts, standard_first
from opsconductor.mib.near import near_notifications, near_objects
from opsconductor.shipped import shipped


def known_facts(config_file: Path | None) -> MibFacts:
    """Return the facts of the catalogue that ships.

    The built index of the daemon is used where it can be read; else one in the user's cache directory.
    """
    return MibFacts([shipped_index(shipped("mibs") / "catalogue", index_dir(config_file))])


def index_dir(config_file: Path | None) -> Path:
    """Return the folder of the built index: the data directory, or one in the user's cache directory."""
    try:
        data_dir = load_settings(config_file).data_dir
    except ConfigError:
        data_dir = None
    if data_dir is not None and os.access(data_dir / BUILT, os.R_OK):
        return data_dir
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "opsconductor"
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(os.devnull).parent
    return cache


def the_oid(text: str, facts: MibFacts, kind: str) -> str:
    """Return the OID of a notification or object, given as OID, `name`, `name.instance` or `MODULE::name`.

    Args:
        kind: `notification` or `object`.

    Raises:
        click.UsageError: The name is not known, or several modules have it.
    """
    if text.removeprefix(".").replace(".", "").isdecimal():
        return text.removeprefix(".")
    module, _, rest = text.rpartition("::")
    name, dot, instance = rest.partition(".")
    named: Sequence[NotificationFact | ObjectFact] = (
        facts.notifications_named(name) if kind == "notification" else facts.objects_named(name)
    )
    found = [fact for fact in named if fact.module == module] if module else [*standard_first(named)]
    if not found:
        near = near_notifications(name, facts) if kind == "notification" else near_objects(name, facts)
        hint = f"; is it {' or '.join(near)}?" if near else ""
        raise click.UsageError(f"{text!r}: no {kind} of this name is known{hint or '; give its OID'}")
    if len(found) > 1:
        choices = ", ".join(f"{fact.module}::{fact.name}" for fact in found)
        raise click.UsageError(f"{text!r}: several modules have a {kind} of this name: {choices}")
    return f"{found[0].oid}{dot}{instance}"
