"""Traps of public sources, and what an operator expects of them with nothing configured.

`python -m tests.traps_acceptance` prints the figures. A file of `cases/` holds a list of cases of one vendor:

    - case: the port goes down and comes up again
      source: docs.fortinet.com, FortiGate 6.2 cookbook, important SNMP traps
      recorded: true
      steps:
        - trap: 1.3.6.1.6.3.1.1.5.3                     # linkDown
          varbinds: [1.3.6.1.2.1.2.2.1.1.42 i 42]       # OID, type, value as for snmptrap(1)
          is: problem major..critical
        - trap: 1.3.6.1.6.3.1.1.5.4
          varbinds: [1.3.6.1.2.1.2.2.1.1.42 i 42]
          is: clear 1

`recorded` says whether somebody received the trap with these values; else it is composed: OIDs and variables
of the MIB, values, severities and pairs as the manual or the MIB has them. All steps come from one device,
one after another. `is` is the label, made by hand:

- `problem LEAST..MOST`: opens an alert of such a severity
- `info`: nothing to act upon
- `clear N`: ends the alert of step N and no other; without N it ends what this case has not seen
- `clear N?`: it is uncertain what it ends; it may end step N or stay unpaired

`apart: [N]`: its alert is another than that of step N.
"""
