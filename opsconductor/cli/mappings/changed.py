"""Remarks on the mappings that an application of files changes."""

from pathlib import Path

from opsconductor.app.configuring.loading import read_pack_mappings
from opsconductor.app.mappings.linting import lint_items
from opsconductor.cli.facts import index_dir
from opsconductor.cli.mappings.known import read_known
from opsconductor.config.provision.diff import Verb
from opsconductor.config.provision.plan import ProvisionPlan
from opsconductor.config.provision.provision import Provision
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.mib.mapping_row import mapping_of
from opsconductor.model.mappings.mapping import Origin

MOST_EXAMINED = 1_000
MOST_SHOWN = 20
REMARKED_BY_PLAN = "unknown-clear"
"""Rule of what a plan remarks by itself."""


def lint_remarks(config_file: Path | None, provision: Provision, plan: ProvisionPlan) -> list[str]:
    """Return what the linter finds in the mappings that a plan adds or changes, one line each."""
    changed = {
        change.key
        for change in plan.changes
        if change.table is ProvisionTable.OID_MAPPINGS and change.verb is not Verb.DELETE
    }
    if not changed:
        return []
    if len(changed) > MOST_EXAMINED:
        return [f"{len(changed):,} mappings change: opsconductor mappings lint FILES examines them"]
    known = read_known(config_file, is_offline=False)
    of_mappings = [item for item in provision.items if item.table is ProvisionTable.OID_MAPPINGS]
    declared = {item.key for item in of_mappings}
    beside = [mapping_of(row.row, Origin.OWN) for row in known.rows or () if row.key not in declared]
    beside += [mapping_of(item.row, Origin.OWN) for item in of_mappings if item.key not in changed]
    beside += read_pack_mappings(index_dir(config_file))
    items = [item for item in of_mappings if item.key in changed]
    found = [each for each in lint_items(items, known.facts, beside) if each.rule != REMARKED_BY_PLAN]
    lines = [str(each) for each in found[:MOST_SHOWN]]
    if rest := len(found) - len(lines):
        lines.append(f"{rest} more of this kind: opsconductor mappings lint FILES")
    return lines
