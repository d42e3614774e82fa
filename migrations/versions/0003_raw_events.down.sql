-- Without the raw event archive.

DROP TABLE raw_events;
