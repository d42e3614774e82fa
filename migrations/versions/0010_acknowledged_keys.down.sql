-- Without keys of what is acknowledged: after a kill what is sent again counts twice.

DROP TABLE acknowledged_keys;
