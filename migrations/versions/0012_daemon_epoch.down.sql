-- Without the check that one daemon alone writes; its lock is left.

DROP FUNCTION check_daemon_epoch() CASCADE;
DROP TABLE daemon_epoch;
