-- name: page
-- The next $5 raw events after ($1, $2) and before $3, in order; of connectors $4, if any are named.
SELECT id, connector, received_at, peer, local, payload, sampled_count
FROM raw_events
WHERE received_at >= $1 AND received_at < $3 AND (received_at, id) > ($1, $2)
  AND (cardinality($4::text[]) = 0 OR connector = ANY ($4::text[]))
ORDER BY received_at, id
LIMIT $5;

-- name: by_id
-- The raw event with id $1, if its payload was kept.
SELECT id, connector, received_at, peer, local, payload, sampled_count
FROM raw_events
WHERE id = $1 AND payload IS NOT NULL;

-- name: of_alert
-- The latest raw event that was kept of those that reported alert $1, of its own device first.
SELECT r.id, r.connector, r.received_at, r.peer, r.local, r.payload, r.sampled_count
FROM alerts a
JOIN raw_events r ON r.connector = a.source_system
    AND r.received_at IN (a.last_occurrence_at, a.occurred_at, a.resolved_at)
WHERE a.id = $1 AND r.payload IS NOT NULL
ORDER BY (r.peer IS NOT DISTINCT FROM a.device_ip) DESC, r.received_at DESC
LIMIT 1;

-- name: newest
-- The next $5 raw events before ($1, $2) and not before $3, newest first; of connectors $4, if any are named.
SELECT id, connector, received_at, peer, local, payload, sampled_count
FROM raw_events
WHERE received_at >= $3 AND received_at <= $1 AND (received_at, id) < ($1, $2)
  AND (cardinality($4::text[]) = 0 OR connector = ANY ($4::text[]))
ORDER BY received_at DESC, id DESC
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
-- it is named; none about alerts of types $5, and no copies to failovers.
SELECT message.rule, message.channel, message.recipient, message.kind, count(*) AS amount
FROM (
    SELECT id, alert_id, rule_name AS rule, channel, recipient, kind FROM notification_outbox
    WHERE created_at >= $1 AND created_at < $2 AND NOT facts ? 'failover_of'
    UNION  -- what is tried again stands in both
    SELECT id, alert_id, coalesce(payload ->> 'rule', ''), channel, recipient, kind FROM notification_log
    WHERE created_at >= $1 AND created_at < $2 AND NOT payload ? 'failover_of'
) message
JOIN alerts a ON a.id = message.alert_id
WHERE a.source_system = ANY ($3::text[]) AND ($4::text IS NULL OR $4 IN (a.device_ip, a.device_name))
  AND a.alert_type <> ALL ($5::text[])
GROUP BY message.rule, message.channel, message.recipient, message.kind;

-- name: past_commands
-- What operators did between $1 and $2 to alerts of connectors $3, in order.
SELECT h.created_at AS at, h.action, a.fingerprint, coalesce(h.user_name, '') AS operator
FROM alert_history h
JOIN alerts a ON a.id = h.alert_id
WHERE h.created_at >= $1 AND h.created_at < $2 AND h.rule = 'operator'
  AND h.action IN ('acknowledged', 'unacknowledged', 'resolved') AND a.source_system = ANY ($3::text[])
ORDER BY h.created_at, h.id;

-- name: real_notified
-- Fingerprints of the alerts of connectors $3 of which a recipient was to be notified between $1 and $2, by a message of
-- their own or one about several; none of types $4.
WITH message AS (
    SELECT id, alert_id FROM notification_outbox WHERE created_at >= $1 AND created_at < $2
    UNION
    SELECT id, alert_id FROM notification_log WHERE created_at >= $1 AND created_at < $2
)
SELECT a.fingerprint
FROM message
JOIN alerts a ON a.id = message.alert_id
WHERE a.source_system = ANY ($3::text[]) AND a.alert_type <> ALL ($4::text[])
UNION
SELECT a.fingerprint
FROM alerts a
CROSS JOIN jsonb_array_elements(a.notified) AS entry
JOIN message ON message.id = (entry->>'batch')::uuid
WHERE a.occurred_at < $2 AND a.last_occurrence_at >= $1 AND a.source_system = ANY ($3::text[])
  AND a.alert_type <> ALL ($4::text[]) AND a.notified <> '[]';

-- name: real_notified_details
-- The first $4 of the alerts with fingerprints $3, the worst first, each with its messages between $1 and $2.
SELECT (array_agg(a.id ORDER BY message.created_at))[1] AS alert_id, count(*)::int AS messages,
       min(message.created_at) AS first_at, array_agg(DISTINCT btrim(message.channel || ' ' || message.recipient)) AS recipients
FROM (
    SELECT id, alert_id, channel, recipient, created_at FROM notification_outbox
    WHERE created_at >= $1 AND created_at < $2
    UNION
    SELECT id, alert_id, channel, recipient, created_at FROM notification_log
    WHERE created_at >= $1 AND created_at < $2
) message
JOIN alerts a ON a.id = message.alert_id
WHERE a.fingerprint = ANY ($3::text[])
GROUP BY a.fingerprint
ORDER BY min(array_position('{critical,major,minor,warning,info,clear}'::text[], a.severity::text)), first_at
LIMIT $4;
