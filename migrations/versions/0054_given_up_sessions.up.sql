-- A write that was sent in a session whose answer is lost may be committed later, once its server process continues. Before
-- newer ones the daemon gives up such sessions: statements of a session with a smaller number are refused.
ALTER TABLE daemon_epoch ADD COLUMN sessions_from bigint NOT NULL DEFAULT 0;

CREATE OR REPLACE FUNCTION check_daemon_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ours text := current_setting('opsconductor.epoch', true);
    present record;
BEGIN
    IF ours IS NOT NULL AND ours <> '' THEN
        PERFORM pg_advisory_xact_lock_shared(8101810201);
        SELECT epoch, sessions_from INTO present FROM daemon_epoch;
        IF ours::bigint <> present.epoch THEN
            RAISE EXCEPTION 'another OpsConductor daemon has taken over this database'
                USING ERRCODE = 'OC001';
        END IF;
        IF present.sessions_from > 0
            AND NULLIF(current_setting('opsconductor.session', true), '')::bigint < present.sessions_from THEN
            RAISE EXCEPTION 'the daemon has given up this session'
                USING ERRCODE = 'OC002';
        END IF;
    END IF;
    RETURN NULL;
END
$$;
