"""Import of dependencies from CSV: compared with what is there, then changed as single edits are."""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

from opsconductor.api.configuration.documents import faults_answered
from opsconductor.api.configuration.rows import EditParameters
from opsconductor.api.devices.csv_rows import CsvContent, CsvRow, Fault, read_csv
from opsconductor.api.devices.views import DependencyImportView
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.http.validation import LONGEST_FOUND, read_bytes, refused_for
from opsconductor.api.interfaces.declared import Changed
from opsconductor.config.provision.diff import Verb
from opsconductor.config.provision.edits import Edit, EditVerb
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.errors import ConfigError, RowConflict, RowNotFound, SecretError
from opsconductor.errors import Fault as ConfigFault
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.address import canonical_address
from opsconductor.store.inventory.origins import Key, StoredDependency, read_dependencies

CSV = "text/csv"
FILE_BYTES = 16 * 1024 * 1024
PLACE = re.compile(rf"{ProvisionTable.DEPENDENCIES}\[(\d+)\]\.?")
LINE = re.compile(r"line (\d+)")
UNREADABLE = ("file", "line 1")
MOST_FAULTS = 1_000
"""Maximum number of faults in an answer: a file is corrected at once."""
ENDS = ("device_ip", "depends_on_ip")


async def import_dependencies(call: Call) -> web.Response:
    """Create and change the dependencies of a file, all or none; what is there already is left alone.

    Raises:
        web.HTTPUnprocessableEntity: With all faults, each with its line and column.
        web.HTTPConflict: A file declares one of them, and it is not to be taken over.
    """
    query: EditParameters = call.query
    if call.request.content_type != CSV:
        raise refusal(web.HTTPUnsupportedMediaType, "unsupported_media_type", f"send the body as {CSV}")
    at_most = min(FILE_BYTES, call.parts.body_bytes)
    body = await read_bytes(call.request, at_most=at_most, within_s=call.parts.limits.read_s)
    content = await asyncio.to_thread(_read, body, call.parts.engine().inventory)
    if content.faults:
        raise refused_for(await _every_fault(call, content), most=MOST_FAULTS)
    present = await call.parts.database.ask_long(read_dependencies, [_key_of(row) for row in content.rows])
    new = [row for row in content.rows if not _is_there(row, present)]
    is_trial = bool(query.dry_run)
    changed = await _change(call, new, is_trial=is_trial, is_taking_over=bool(query.take_over))
    changes = changed.plan.changes if changed else ()
    known = {key for key, row in present.items() if row.auto_discovered}
    view = DependencyImportView(
        is_applied=not is_trial,
        rows=len(content.rows),
        added=sum(change.verb is Verb.ADD for change in changes),
        changed=sum(change.verb is Verb.CHANGE for change in changes),
        unchanged=len(content.rows) - len(changes),
        taken_over=sum(_key_of(row) in known for row in new),
        remarks=list(changed.plan.remarks) if changed else [],
        is_in_force=changed is not None and changed.is_in_force,
        error=changed.error if changed else "",
    )
    return answer(view)


async def _every_fault(call: Call, content: CsvContent) -> Sequence[Fault]:
    """Return the faults of reading a file with those of its values, each place once, by line.

    Without a header that can be read no row means anything.
    """
    faults = list(content.faults)
    if content.rows and not any(fault["name"] in UNREADABLE for fault in faults):
        faults += await _faults_of_values(call, content.rows)
    by_place: dict[str, Fault] = {}
    for fault in faults:
        by_place.setdefault(fault["name"], fault)
    return sorted(by_place.values(), key=_line_of)


async def _faults_of_values(call: Call, rows: Sequence[CsvRow]) -> Sequence[Fault]:
    edits = [Edit(verb=EditVerb.PUT, value=row.value, is_taking_over=True) for row in rows]
    try:
        await call.parts.declared.edit(ProvisionTable.DEPENDENCIES, edits, call.author, is_trial=True)
    except ConfigError as error:
        return [_placed(fault, rows) for fault in error.faults]
    except (RowConflict, RowNotFound, SecretError):
        return []  # of what is stored: found again when the file is right
    return []


def _line_of(fault: Fault) -> int:
    match = LINE.match(fault["name"])
    return int(match[1]) if match else 0


async def _change(
    call: Call, rows: Sequence[CsvRow], *, is_trial: bool, is_taking_over: bool
) -> Changed | None:
    if not rows:
        return None
    edits = [Edit(verb=EditVerb.PUT, value=row.value, is_taking_over=is_taking_over) for row in rows]
    with faults_answered(is_single=False):
        try:
            return await call.parts.declared.edit(
                ProvisionTable.DEPENDENCIES, edits, call.author, is_trial=is_trial
            )
        except ConfigError as error:
            faults = [_placed(fault, rows) for fault in error.faults]
            raise refused_for(sorted(faults, key=_line_of), most=MOST_FAULTS) from error


def _read(body: bytes, inventory: InventorySnapshot) -> CsvContent:
    """Return the rows of a file with the keys of devices in place of their names, and numbers as numbers."""
    content = read_csv(body)
    faults = list(content.faults)
    rows = []
    for row in content.rows:
        faults += _unknown_devices(row, inventory)
        ends = {name: _key_in_files(row.value[name], inventory) for name in ENDS if name in row.value}
        rows.append(CsvRow(line=row.line, value=row.value | ends | _number(row.value)))
    return CsvContent(rows=rows, faults=faults)


def _unknown_devices(row: CsvRow, inventory: InventorySnapshot) -> Iterable[Fault]:
    for name in ENDS:
        text = row.value.get(name, "")
        if not text or (inventory.device_of(text) is None and canonical_address(text) is None):
            found = f'"{text[:LONGEST_FOUND]}"' if text else "nothing"
            expected = "an address, or the name of a device of the inventory"
            yield {"name": f"line {row.line}: {name}", "found": found, "expected": expected}


def _key_in_files(text: str, inventory: InventorySnapshot) -> str:
    device = inventory.device_of(text)
    return device.key if device is not None else canonical_address(text) or text


def _number(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the confidence as a number; what is none stays a text, which is refused with its place."""
    try:
        return {"confidence": float(value["confidence"].replace(",", "."))}
    except (KeyError, ValueError):
        return {}


def _key_of(row: CsvRow) -> Key:
    value = row.value
    return str(value["device_ip"]), str(value["depends_on_ip"]), str(value.get("dependency_type", "network"))


def _is_there(row: CsvRow, present: Mapping[Key, StoredDependency]) -> bool:
    """Return whether a dependency is stored as a row has it."""
    stored, value = present.get(_key_of(row)), row.value
    return stored is not None and (
        sorted(stored.via_resources) == sorted(value.get("via_resources", ()))
        and (stored.description or "") == value.get("description", "")
        and stored.confidence == value.get("confidence", 1.0)
    )


def _placed(fault: ConfigFault, rows: Sequence[CsvRow]) -> Fault:
    """Return a fault of a provisioning document with the line of the file in place of the position."""
    match = PLACE.match(fault.key)
    name = fault.key
    if match is not None:
        column = fault.key[match.end() :]
        name = f"line {rows[int(match[1])].line}" + (f": {column}" if column else "")
    return {"name": name, "found": fault.found, "expected": fault.expected}
