-- A connector may work in part only.

ALTER TABLE connectors
    DROP CONSTRAINT connectors_status_check,
    ADD CONSTRAINT connectors_status_check
        CHECK (status IN ('connected', 'degraded', 'disconnected', 'error', 'unknown'));
