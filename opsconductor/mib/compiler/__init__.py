"""Compiler from MIB files, as vendors ship them, to facts.

Each file is cleaned, split into assignments, repaired where needed and parsed by pysmi, in a pool of
processes (`worker`); the linker then finds the OID of every name over all modules (`link`). `compilation` is
the whole flow.
"""
