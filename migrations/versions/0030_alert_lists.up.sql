-- Lists of closed alerts that stay fast however many there are: every filter of the API meets an index.

-- What a search looks at: title, device and the beginning of the message, in small letters. The collation is the
-- database's: that of `device_ip` knows no letters beyond ASCII.
CREATE FUNCTION alert_text(title text, device_name text, device_ip text, message text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN lower(left(
    coalesce(title, '') || E'\n' || coalesce(device_name, '') || E'\n' || coalesce(device_ip, '') || E'\n'
    || coalesce(message, ''), 4000
) COLLATE "default");

-- The words of a text: letters and digits between spaces and punctuation.
CREATE FUNCTION words_between_spaces(words text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT coalesce(array_to_tsvector(array_agg(left(word, 60))), '')
    FROM unnest(string_to_array(words, ' ')) AS word
    WHERE word <> ''
);
CREATE FUNCTION text_words(words text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000
RETURN CASE WHEN octet_length(words) <= 2000
    -- a lexeme has 2,046 bytes at most
    THEN array_to_tsvector(array_remove(string_to_array(translate(
            words, E'!"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~\x7f\t\n\r\x0b\x0c', repeat(' ', 38)
        ), ' '), ''))
    ELSE words_between_spaces(translate(
            words, E'!"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~\x7f\t\n\r\x0b\x0c', repeat(' ', 38)
        ))
END;

-- Times: every closed alert in the order of each. The id is in the key, so that a page far away is found in the
-- index alone.
DROP INDEX alerts_closed_status, alerts_closed_severity, alerts_closed_category, alerts_closed_device_ip,
    alerts_closed_occurred_at, alerts_closed_resolved_at, alerts_closed_source_system;
CREATE INDEX alerts_closed_occurred_at ON alerts_closed (occurred_at, id);
CREATE INDEX alerts_closed_last_occurrence_at ON alerts_closed (last_occurrence_at, occurred_at, id);
CREATE INDEX alerts_closed_resolved_at ON alerts_closed (resolved_at, occurred_at, id);

-- Filters that many alerts meet: those, by time.
CREATE INDEX alerts_closed_status ON alerts_closed (status, occurred_at, id);
CREATE INDEX alerts_closed_severity ON alerts_closed (severity, occurred_at, id);
CREATE INDEX alerts_closed_category ON alerts_closed (category, occurred_at, id);
CREATE INDEX alerts_closed_priority ON alerts_closed (priority, occurred_at, id);
CREATE INDEX alerts_closed_source_system ON alerts_closed (source_system COLLATE "C", occurred_at, id);
CREATE INDEX alerts_closed_alert_type ON alerts_closed (alert_type COLLATE "C", occurred_at, id);
CREATE INDEX alerts_closed_device_ip ON alerts_closed (device_ip, occurred_at, id);
CREATE INDEX alerts_closed_device_name ON alerts_closed (device_name COLLATE "C", occurred_at, id);
CREATE INDEX alerts_closed_impacted ON alerts_closed (occurred_at, id) WHERE impacted > 0;

-- Filters that few meet.
CREATE INDEX alerts_closed_words ON alerts_closed USING gin (
    text_words(alert_text(title, device_name, device_ip, message))
);
CREATE INDEX alerts_closed_tags ON alerts_closed USING gin (tags);
CREATE INDEX alerts_closed_id_end ON alerts_closed (right(id::text, 8) COLLATE "C");  -- what tables show
CREATE INDEX alerts_closed_assigned_to ON alerts_closed (assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX alerts_closed_resource ON alerts_closed (left(resource, 100)) WHERE resource <> '';

-- Values that go together, so that a list of contradictory ones is not looked for everywhere.
CREATE STATISTICS alerts_closed_kinds (mcv)
    ON severity, category, priority, alert_type, source_system FROM alerts_closed;
ANALYZE alerts_closed;
