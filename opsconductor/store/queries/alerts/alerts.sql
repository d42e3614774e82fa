-- name: get
-- One alert with the raw data of its last message.
SELECT {columns}, raw_data FROM alerts WHERE id = $1;

-- name: by_ids
-- The alerts with ids $1.
SELECT {columns} FROM alerts WHERE id = ANY ($1::uuid[]);

-- name: root
-- The alert at the end of the chain of causes of an alert; none if the chain is a cycle or too long.
WITH RECURSIVE chain AS (
    SELECT id, correlated_to_id FROM alerts WHERE id = $1
    UNION
    SELECT cause.id, cause.correlated_to_id
    FROM chain JOIN alerts cause ON cause.id = chain.correlated_to_id
), steps AS MATERIALIZED (
    SELECT id, correlated_to_id FROM chain LIMIT $2
)
SELECT {columns} FROM alerts
WHERE id = (
    SELECT step.id FROM steps step
    WHERE NOT EXISTS (SELECT FROM alerts cause WHERE cause.id = step.correlated_to_id)
);

-- name: below
-- A condition: the alert is a consequence of one of some causes, directly or through others.
-- OFFSET 0 has every step look into the index of causes; UNION ends cycles; the nearest come first.
id IN (
    WITH RECURSIVE below AS (
        SELECT id FROM alerts WHERE correlated_to_id = ANY({causes}::uuid[])
        UNION
        SELECT effect.id
        FROM below CROSS JOIN LATERAL (
            SELECT id FROM alerts WHERE correlated_to_id = below.id OFFSET 0
        ) AS effect
    )
    SELECT id FROM below LIMIT {limit}
)

-- name: history
-- The history of an alert, latest first.
SELECT id, action, old_status, new_status, user_id, user_name, notes, changes, rule, created_at
FROM alert_history
WHERE alert_id = $1
ORDER BY created_at DESC, id DESC
LIMIT $2;

-- name: deliveries
-- The notifications about an alert ($1), waiting ones included, latest first: those of its own, and those about
-- several alerts that the alert refers to.
WITH batches AS (
    SELECT (entry->>'batch')::uuid AS id
    FROM alerts, jsonb_array_elements(notified) AS entry
    WHERE alerts.id = $1 AND entry ? 'batch'
)
SELECT rule_name, channel, recipient, kind, 'pending' AS status, attempts, error_message,
       created_at, NULL::timestamptz AS sent_at
FROM notification_outbox
WHERE alert_id = $1 OR id = ANY (ARRAY(SELECT id FROM batches))
UNION ALL
SELECT payload->>'rule', channel, recipient, kind, status, attempts, error_message, created_at, sent_at
FROM notification_log
WHERE (alert_id = $1 OR id = ANY (ARRAY(SELECT id FROM batches))) AND status <> 'pending'
ORDER BY created_at DESC
LIMIT $2;
