-- The audit log without its chain.

DROP TRIGGER audit_chain ON audit_log;
DROP TRIGGER audit_head ON audit_log;
DROP TRIGGER audit_append_only ON audit_log;
DROP TRIGGER audit_prune ON audit_log;
DROP FUNCTION chain_audit_entry();
DROP FUNCTION keep_audit_head();
DROP FUNCTION refuse_audit_change();
DROP FUNCTION check_audit_prune();
DROP FUNCTION audit_text(audit_log);
DROP TABLE audit_chain;
ALTER TABLE audit_log
    DROP COLUMN seq,
    DROP COLUMN hash;
