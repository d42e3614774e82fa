"""Jobs that read and analyse datasets, each in a process of its own."""
