"""Entry point of `python -m opsconductor`."""

from opsconductor.cli import main

main()
