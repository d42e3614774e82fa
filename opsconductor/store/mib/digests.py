"""Digests by which a change of an imported module is recognized."""

from hashlib import blake2b

from opsconductor.mib.compiler.report import CompiledModule

DIGEST_BYTES = 16


def digest_of_module(module: CompiledModule) -> bytes:
    """Return what differs when anything of a module that is stored differs, except its mappings."""
    facts = (
        module.source, module.updated, module.skipped, module.faults, module.missing, module.notifications,
        module.objects,
    )  # fmt: skip
    whole = blake2b(repr(facts).encode(), digest_size=DIGEST_BYTES)
    whole.update(module.form)
    return whole.digest()
