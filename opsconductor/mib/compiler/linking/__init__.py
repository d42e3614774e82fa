"""Find the OID and the type of every name over all modules, and give the facts."""
