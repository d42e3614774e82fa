-- Without what was set aside.

DROP TABLE set_aside;
