-- A connector works or not.

UPDATE connectors SET status = 'unknown' WHERE status = 'degraded';
ALTER TABLE connectors
    DROP CONSTRAINT connectors_status_check,
    ADD CONSTRAINT connectors_status_check
        CHECK (status IN ('connected', 'disconnected', 'error', 'unknown'));
