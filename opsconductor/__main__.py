"""Lets `python -m opsconductor` be the command line."""

from opsconductor.cli import main

main()
