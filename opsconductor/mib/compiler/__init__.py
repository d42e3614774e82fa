"""From MIB files, as vendors ship them, to facts.

Each file is cleaned, split into assignments, repaired where needed and parsed by pysmi, in a pool of
processes (`work`); the linker then finds the OID of every name over all modules (`link`). `compilation` is
the whole flow.
"""
