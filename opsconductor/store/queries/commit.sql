-- name: update_alerts
-- Write the final state of alerts ($1); what was created and by which raw event stays, unless it is given.
-- {fields} sets every column that is a field of an alert.
UPDATE alerts a
SET {fields}, raw_data = coalesce(n.raw_data, a.raw_data), updated_at = clock_timestamp()
FROM unnest((SELECT $1::alerts[])) n
WHERE a.id = n.id;

-- name: create_alerts
-- Add new alerts ($1); {columns} are all but the times that the database sets.
INSERT INTO alerts ({columns}) SELECT {columns} FROM unnest($1::alerts[]);

-- name: add_history
-- Add entries of history ($1).
INSERT INTO alert_history SELECT * FROM unnest($1::alert_history[]);

-- name: add_archive
-- Add archived raw events.
INSERT INTO raw_events (id, connector, received_at, peer, local, payload, sampled_count)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::bytea[],
                     $7::bigint[]);

-- name: repeat_alerts
-- Update repeated alerts, which are open: no indexed column changes, so the indexes stay as they are. That arrays are
-- results of sub-selects hides their lengths: knowing that of a short one, PostgreSQL would plan the statement each time.
UPDATE alerts_open a
SET occurrence_count = n.occurrence_count, last_occurrence_at = n.last_occurrence_at,
    expires_at = n.expires_at, message = n.message, raw_data = coalesce(n.raw_data, a.raw_data),
    updated_at = clock_timestamp()
FROM unnest((SELECT $1::uuid[]), (SELECT $2::bigint[]), (SELECT $3::timestamptz[]), (SELECT $4::timestamptz[]),
            (SELECT $5::text[]), (SELECT $6::json[]))
    AS n (id, occurrence_count, last_occurrence_at, expires_at, message, raw_data)
WHERE a.id = n.id;

-- name: add_notifications
-- Put notifications into the outbox, in order, unless they are there or were delivered already. A rule
-- that has been deleted meanwhile is left out. What must be delivered before a more urgent one, to the
-- same recipient about the same alert, becomes as urgent. What is about a maintenance window has its id in place of
-- that of an alert.
WITH given AS (
    SELECT n.*,
           coalesce(array_position('{critical,major,minor,warning,info}', n.facts->>'severity') - 1, 2)
           + (n.kind = 'recovery')::int AS urgency
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::timestamptz[], $9::jsonb[])
        WITH ORDINALITY
        AS n (id, alert_id, rule_id, rule_name, channel, recipient, kind, created_at, facts, position)
),
added AS (
    INSERT INTO notification_outbox (id, alert_id, window_id, rule_id, rule_name, channel, recipient, kind,
                                     created_at, facts, urgency)
    SELECT n.id, CASE WHEN n.kind <> 'maintenance' THEN n.alert_id END,
           CASE WHEN n.kind = 'maintenance' THEN n.alert_id END, (SELECT r.id FROM notification_rules r WHERE r.id = n.rule_id), n.rule_name,
           n.channel, n.recipient, n.kind, n.created_at, n.facts,
           min(n.urgency) OVER (
               PARTITION BY n.alert_id, n.channel, n.recipient ORDER BY n.position
               ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
           )
    FROM given n
    WHERE NOT EXISTS (SELECT FROM notification_log logged WHERE logged.id = n.id)
    ORDER BY n.position
    ON CONFLICT (id) DO NOTHING
    RETURNING alert_id, channel, recipient, urgency
)
UPDATE notification_outbox earlier
SET urgency = later.urgency
FROM (SELECT alert_id, channel, recipient, min(urgency) AS urgency FROM added GROUP BY 1, 2, 3) later
WHERE earlier.alert_id = later.alert_id
  AND earlier.channel = later.channel
  AND earlier.recipient = later.recipient
  AND earlier.urgency > later.urgency;

-- name: note_attempts
-- Record that attempts ($2) to deliver notifications ($1) began while the outbox was away.
UPDATE notification_outbox waiting
SET attempts = greatest(waiting.attempts, begun.attempt)
FROM unnest($1::uuid[], $2::int[]) AS begun (id, attempt)
WHERE waiting.id = begun.id;

-- name: add_aside
-- Store what could not be processed; setting it aside again makes no second row.
INSERT INTO set_aside (id, kind, origin, subject, reason, content, size, at)
SELECT DISTINCT ON (n.id) n.id, n.kind, n.origin, n.subject, n.reason, n.content, n.size, n.at
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::bigint[],
            $8::timestamptz[])
    AS n (id, kind, origin, subject, reason, content, size, at)
ORDER BY n.id, n.at DESC
ON CONFLICT (id) DO UPDATE SET reason = EXCLUDED.reason, at = EXCLUDED.at;

-- name: add_keys
-- Store the keys $2 of what is acknowledged to senders, by connector $1.
INSERT INTO acknowledged_keys (connector, keys) SELECT * FROM unnest($1::text[], $2::bytea[]);

-- name: add_reported_keys
-- Store used keys: reporters $1, keys $2, digests $3, times $4; a reused key gets the new values.
INSERT INTO reported_keys (reporter, key, digest, reported_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::timestamptz[])
ON CONFLICT (reporter, key) DO UPDATE SET digest = EXCLUDED.digest, reported_at = EXCLUDED.reported_at;

-- name: trigger_rules
-- Store when rules ($1) have last fired ($2).
UPDATE notification_rules r
SET last_triggered_at = greatest(r.last_triggered_at, n.at)
FROM unnest($1::uuid[], $2::timestamptz[]) AS n (id, at)
WHERE r.id = n.id;

-- name: put_documents
-- Store state of the engine: kinds $1, keys $2, documents $3.
INSERT INTO engine_state (kind, key, document)
SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[])
ON CONFLICT (kind, key) DO UPDATE SET document = EXCLUDED.document;

-- name: delete_documents
-- Delete state of the engine: kinds $1, keys $2.
DELETE FROM engine_state s
USING unnest($1::text[], $2::text[]) AS n (kind, key)
WHERE s.kind = n.kind AND s.key = n.key;

-- name: known_alerts
-- Which of these alerts exist.
SELECT id FROM alerts WHERE id = ANY ($1::uuid[]);

-- name: known_history
-- Which rows of the history of alerts $1 between $2 and $3 exist.
SELECT id FROM alert_history WHERE alert_id = ANY ($1::uuid[]) AND created_at BETWEEN $2 AND $3;

-- name: known_archive
-- Which of these raw events, all of them received between $2 and $3, exist.
SELECT id FROM raw_events WHERE id = ANY ($1::uuid[]) AND received_at BETWEEN $2 AND $3;

-- name: forget_missing_causes
-- Remove the link of these alerts to a cause that no longer exists.
UPDATE alerts a
SET correlated_to_id = NULL, updated_at = clock_timestamp()
WHERE a.id = ANY ($1::uuid[])
  AND a.correlated_to_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM alerts cause WHERE cause.id = a.correlated_to_id);

-- name: expire_rivals
-- End every other open alert of fingerprint $1 than $2: the engine has none of them, and only one may be open.
UPDATE alerts
SET status = 'expired', resolved_at = coalesce(resolved_at, now()), resolved_by = 'opsconductor',
    updated_at = clock_timestamp()
WHERE fingerprint = $1 AND id <> $2 AND status IN ('active', 'acknowledged', 'suppressed')
RETURNING id;
