-- What lists of the page filter by, so that none of them reads its whole table. Written while the daemon is stopped;
-- of a million messages the two of notification_log take some seconds.
CREATE INDEX audit_log_actor ON audit_log (actor, seq);
CREATE INDEX audit_log_subject ON audit_log (subject, seq);
CREATE INDEX anomalies_device_name ON anomalies (lower(device_name), detected_at DESC);
-- messages that were given up, and whether their recipient was reached since
CREATE INDEX notification_log_failed ON notification_log (concluded_at) WHERE status = 'failed';
CREATE INDEX notification_log_reached ON notification_log (channel, recipient, concluded_at) WHERE status = 'sent';
