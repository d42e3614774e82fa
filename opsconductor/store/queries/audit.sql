-- name: record
-- Records who has changed what, from where.
INSERT INTO audit_log (actor, action, subject, details, remote_ip) VALUES ($1, $2, $3, $4, $5);
