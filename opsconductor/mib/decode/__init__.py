"""From the OID and value of a variable to its name and meaning, by facts."""
