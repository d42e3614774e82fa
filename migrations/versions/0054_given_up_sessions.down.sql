CREATE OR REPLACE FUNCTION check_daemon_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ours text := current_setting('opsconductor.epoch', true);
BEGIN
    IF ours IS NOT NULL AND ours <> '' THEN
        PERFORM pg_advisory_xact_lock_shared(8101810201);
        IF ours::bigint <> (SELECT epoch FROM daemon_epoch) THEN
            RAISE EXCEPTION 'another OpsConductor daemon has taken over this database'
                USING ERRCODE = 'OC001';
        END IF;
    END IF;
    RETURN NULL;
END
$$;

ALTER TABLE daemon_epoch DROP COLUMN sessions_from;
