-- The audit log can only be appended to, and shows gaps: each entry has the next number, and a hash over the
-- hash of the entry before it and its own content. `audit_chain` holds the newest entry, and the last one that
-- retention has deleted: entries are deleted oldest first, never young ones.

ALTER TABLE audit_log
    ADD COLUMN seq bigint,
    ADD COLUMN hash varchar(64);

CREATE TABLE audit_chain (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    seq         bigint NOT NULL DEFAULT 0,
    hash        varchar(64) NOT NULL DEFAULT '',
    pruned_seq  bigint NOT NULL DEFAULT 0,
    pruned_hash varchar(64) NOT NULL DEFAULT ''
);
INSERT INTO audit_chain DEFAULT VALUES;
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();

-- What the hash of an entry covers, beside the hash of the entry before it.
CREATE FUNCTION audit_text(entry audit_log) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        entry.seq, entry.id, entry.actor, entry.action, entry.subject, entry.details, entry.remote_ip,
        to_char(entry.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')
    )::text
$$;

-- The newest entry of a transaction is kept in a setting of the transaction, and written into `audit_chain` at its
-- end: to change that row for each of many entries would take longer for each.
CREATE FUNCTION chain_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own text := current_setting('opsconductor.audit_head', true);
    last_seq bigint;
    last_hash text;
BEGIN
    IF own IS NULL OR own = '' THEN
        -- the lock is held until the commit, so that numbers and hashes are in the order of the commits
        SELECT seq, hash INTO STRICT last_seq, last_hash FROM audit_chain FOR UPDATE;
    ELSE
        last_seq := split_part(own, ':', 1);
        last_hash := split_part(own, ':', 2);
    END IF;
    NEW.seq := last_seq + 1;
    NEW.hash := encode(sha256(convert_to(last_hash || audit_text(NEW), 'UTF8')), 'hex');
    PERFORM set_config('opsconductor.audit_head', NEW.seq || ':' || NEW.hash, true);
    RETURN NEW;
END
$$;

-- Runs for every entry at the end of the transaction; the newest is written.
CREATE FUNCTION keep_audit_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq || ':' || NEW.hash = current_setting('opsconductor.audit_head', true) THEN
        UPDATE audit_chain SET seq = NEW.seq, hash = NEW.hash;
    END IF;
    RETURN NULL;
END
$$;

DO $$
DECLARE
    entry audit_log;
    last_seq bigint := 0;
    last_hash text := '';
BEGIN
    FOR entry IN SELECT * FROM audit_log ORDER BY created_at, id LOOP
        entry.seq := last_seq + 1;
        entry.hash := encode(sha256(convert_to(last_hash || audit_text(entry), 'UTF8')), 'hex');
        UPDATE audit_log SET seq = entry.seq, hash = entry.hash WHERE id = entry.id;
        last_seq := entry.seq;
        last_hash := entry.hash;
    END LOOP;
    UPDATE audit_chain SET seq = last_seq, hash = last_hash;
END
$$;
ALTER TABLE audit_log
    ALTER COLUMN seq SET NOT NULL,
    ALTER COLUMN hash SET NOT NULL,
    ADD CONSTRAINT audit_log_seq UNIQUE (seq);

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log can only be appended to' USING ERRCODE = 'OC002';
END
$$;

CREATE FUNCTION check_audit_prune() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last bigint := (SELECT max(seq) FROM gone);
BEGIN
    IF last IS NULL THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM gone WHERE created_at > now() - interval '12 hours')
       OR EXISTS (SELECT FROM audit_log WHERE seq < last) THEN
        RAISE EXCEPTION 'only the oldest entries of the audit log can be deleted' USING ERRCODE = 'OC002';
    END IF;
    UPDATE audit_chain SET pruned_seq = last, pruned_hash = (SELECT hash FROM gone WHERE seq = last);
    RETURN NULL;
END
$$;

CREATE TRIGGER audit_chain BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION chain_audit_entry();
CREATE CONSTRAINT TRIGGER audit_head AFTER INSERT ON audit_log DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION keep_audit_head();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_prune AFTER DELETE ON audit_log REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION check_audit_prune();
