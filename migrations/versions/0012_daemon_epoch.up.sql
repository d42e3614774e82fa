-- One daemon alone may write. Each that takes over adds one to the epoch and sets it in its sessions
-- (setting opsconductor.epoch); every statement of such a session that changes a table is refused when the
-- epoch is another one by then. The lock makes a take-over wait for the transactions that have passed.
-- Sessions without an epoch (the command line, psql) are not checked.

CREATE TABLE daemon_epoch (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch    bigint NOT NULL DEFAULT 0,
    taken_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO daemon_epoch DEFAULT VALUES;

CREATE FUNCTION check_daemon_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
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

DO $$
DECLARE
    of_table regclass;
BEGIN
    FOR of_table IN
        SELECT c.oid
        FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace
          AND c.relkind IN ('r', 'p')
          AND c.relname NOT IN ('alembic_version', 'daemon_epoch')
          AND (NOT c.relispartition OR c.relname IN ('alerts_open', 'alerts_closed'))
    LOOP
        EXECUTE format(
            'CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch()',
            of_table
        );
    END LOOP;
END
$$;
