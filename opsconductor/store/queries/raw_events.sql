-- name: page
-- The next $5 raw events after ($1, $2) and before $3, in order; of connectors $4, if any are named.
SELECT id, connector, received_at, peer, local, payload, sampled_count
FROM raw_events
WHERE received_at >= $1 AND received_at < $3 AND (received_at, id) > ($1, $2)
  AND (cardinality($4::text[]) = 0 OR connector = ANY ($4::text[]))
ORDER BY received_at, id
LIMIT $5;

-- name: reach
-- When the oldest and the newest raw event were received.
SELECT min(received_at) AS first, max(received_at) AS last FROM raw_events;

-- name: real_alerts
-- The latest alert of each fault of connectors $3 that was there between $1 and $2; none of types $4.
SELECT DISTINCT ON (fingerprint)
       fingerprint, device_ip, device_name, alert_type, resource, severity, category, priority, title,
       occurred_at, last_occurrence_at
FROM alerts
WHERE occurred_at < $2 AND last_occurrence_at >= $1 AND source_system = ANY ($3::text[])
  AND alert_type <> ALL ($4::text[])
ORDER BY fingerprint, occurred_at DESC;

-- name: real_notifications
-- The number of notifications decided on between $1 and $2 about alerts of connectors $3; of device $4, if
-- it is named; none about alerts of types $5.
SELECT told.rule, told.channel, told.recipient, told.kind, count(*) AS amount
FROM (
    SELECT id, alert_id, rule_name AS rule, channel, recipient, kind FROM notification_outbox
    WHERE created_at >= $1 AND created_at < $2
    UNION  -- what is tried again stands in both
    SELECT id, alert_id, coalesce(payload ->> 'rule', ''), channel, recipient, kind FROM notification_log
    WHERE created_at >= $1 AND created_at < $2
) told
JOIN alerts a ON a.id = told.alert_id
WHERE a.source_system = ANY ($3::text[]) AND ($4::text IS NULL OR $4 IN (a.device_ip, a.device_name))
  AND a.alert_type <> ALL ($5::text[])
GROUP BY told.rule, told.channel, told.recipient, told.kind;
