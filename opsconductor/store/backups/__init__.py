"""Backups: one file with the database, the files of the data directory and a manifest; restore."""
