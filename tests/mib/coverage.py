"""Report how many trap OIDs of a table the shipped catalogue knows.

`python -m tests.mib.coverage TABLE.tsv` reads tab-separated values with the columns `vendor`, `module`, `oid`
and `name`, and prints by vendor how many of the OIDs are known, how many have a mapping that is in force, and
what is missing.
"""

import argparse
import sys
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

from opsconductor.mib.built import shipped_index
from opsconductor.mib.derived_mappings import is_active
from opsconductor.shipped import shipped
from tests.mib.score import Row, read_rows


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("--missing", action="store_true", help="list the OIDs that are not known")
    options = parser.parse_args()
    by_vendor: dict[str, list[Row]] = defaultdict(list)
    for row in read_rows(options.table):
        by_vendor[row["vendor"]].append(row)
    with TemporaryDirectory() as folder:
        index = shipped_index(shipped("mibs") / "catalogue", Path(folder))
        known, active, total = 0, 0, 0
        for vendor, rows in sorted(by_vendor.items()):
            found = [row for row in rows if index.notification(row["oid"])]
            mapped = [row for row in found if (each := index.mapping(row["oid"])) and is_active(each)]
            sys.stdout.write(f"{vendor}\t{len(rows)}\t{len(found)} known\t{len(mapped)} mapped\n")
            known, active, total = known + len(found), active + len(mapped), total + len(rows)
            for row in rows if options.missing else ():
                if row not in found:
                    sys.stdout.write(f"  {row['oid']}\t{row['module']}\t{row['name']}\n")
    sys.stdout.write(
        f"all\t{total}\t{known} known ({known / total:.1%})\t{active} mapped ({active / total:.1%})\n"
    )


if __name__ == "__main__":
    main()
