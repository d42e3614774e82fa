-- The indexes of 0006 again.

DROP STATISTICS alerts_closed_kinds;
DROP INDEX alerts_closed_status, alerts_closed_severity, alerts_closed_category, alerts_closed_priority,
    alerts_closed_source_system, alerts_closed_alert_type, alerts_closed_impacted, alerts_closed_device_ip,
    alerts_closed_device_name, alerts_closed_occurred_at, alerts_closed_last_occurrence_at,
    alerts_closed_resolved_at, alerts_closed_words, alerts_closed_tags, alerts_closed_id_end,
    alerts_closed_assigned_to, alerts_closed_resource;
DROP FUNCTION text_words(text);
DROP FUNCTION words_between_spaces(text);
DROP FUNCTION alert_text(text, text, text, text);

CREATE INDEX alerts_closed_status ON alerts_closed (status, occurred_at DESC);
CREATE INDEX alerts_closed_severity ON alerts_closed (severity);
CREATE INDEX alerts_closed_category ON alerts_closed (category);
CREATE INDEX alerts_closed_device_ip ON alerts_closed (device_ip);
CREATE INDEX alerts_closed_occurred_at ON alerts_closed (occurred_at);
CREATE INDEX alerts_closed_source_system ON alerts_closed (source_system);
CREATE INDEX alerts_closed_resolved_at ON alerts_closed (resolved_at);
