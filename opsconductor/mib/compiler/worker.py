"""The parser process: `python -m opsconductor.mib.compiler.worker`.

It reads requests from standard input and answers on standard output, each with its length first. It has no
access to the database or the configuration, its memory is limited, and an alarm signal ends it when a request
takes too long and the pool has not ended it before.
"""

import json
import os
import resource
import signal
import sys
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import astuple
from typing import Any, BinaryIO

from opsconductor.mib.compiler.cleaning import clean, decode
from opsconductor.mib.compiler.form import ParsedModule, encode
from opsconductor.mib.compiler.form import decode as decode_form
from opsconductor.mib.compiler.framing import ANSWER, LENGTH, LINK, PARSE, REQUEST
from opsconductor.mib.compiler.linking.link import link
from opsconductor.mib.compiler.parsing import parse
from opsconductor.mib.compiler.reading import read_module
from opsconductor.mib.compiler.splitting import split

MOST_MODULES = 500
"""Modules of one file; the rest is not read."""

MEMORY = {PARSE: 1 << 30, LINK: 4 << 30}
"""Octets of address space for each kind of request."""

GRACE_S = 5
"""Grace period after the limit, until the process ends itself."""

NICENESS = 5


def answer(kind: bytes, payload: bytes) -> Any:
    """Process a request and return the response, ready for JSON."""
    return _parse(payload) if kind == PARSE else _link(payload)


def _parse(content: bytes) -> list[Any]:
    source = clean(decode(content))
    modules = []
    for number, module in enumerate(split(source)):
        if number >= MOST_MODULES:
            break
        modules.append(_module_row(read_module(source, module), len(module.assignments)))
    return modules


def _module_row(parsed: ParsedModule, assignments: int) -> dict[str, Any]:
    form = parsed.form
    return {
        "name": form.name,
        "updated": form.updated,
        "form": b64encode(encode(form)).decode(),
        "assignments": assignments,
        "read": len(form.oids) + len(form.types) + len(form.traps),
        "skipped": form.skipped,
        "faults": parsed.faults,
        "texts": {name: astuple(text) for name, text in parsed.texts.items()},
    }


def _link(payload: bytes) -> Mapping[str, Any]:
    forms = {}
    position = 0
    while position < len(payload):
        (length,) = LENGTH.unpack_from(payload, position)
        position += LENGTH.size
        form = decode_form(payload[position : position + length])
        forms[form.name] = form
        position += length
    linked = link(forms)
    return {
        "notifications": [astuple(fact) for fact in linked.notifications],
        "objects": [astuple(fact) for fact in linked.objects],
        "missing": [astuple(each) for each in linked.missing],
    }


def serve(requests: BinaryIO, answers: BinaryIO, limit_memory: Callable[[bytes], None]) -> None:
    """Report that the process is ready, and answer requests until there are no more."""
    parse([])
    _send(answers, {})
    while header := requests.read(REQUEST.size):
        kind, limit_s, length = REQUEST.unpack(header)
        payload = requests.read(length)
        limit_memory(kind)
        signal.alarm(limit_s + GRACE_S)
        try:
            document = answer(kind, payload)
        except MemoryError:
            document = {"failed": "it needs more memory than is allowed"}
        signal.alarm(0)
        _send(answers, document)


def _send(answers: BinaryIO, document: Any) -> None:
    text = json.dumps(document, separators=(",", ":")).encode()
    answers.write(ANSWER.pack(len(text)))
    answers.write(text)
    answers.flush()


def _limit_memory(kind: bytes) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = MEMORY[kind]
    resource.setrlimit(
        resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
    )


if __name__ == "__main__":
    os.nice(NICENESS)
    serve(sys.stdin.buffer, sys.stdout.buffer, _limit_memory)
