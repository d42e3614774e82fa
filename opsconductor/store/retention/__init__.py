"""Creation of partitions ahead of time, and deletion of old rows."""
