-- name: claim
-- Take what is due, for each channel as much as it has room, and move it out of others' sight until the
-- lease ends; of one alert, channel and recipient only the oldest. $1, $2: channels and their room;
-- $3: room of channels not listed; $4: length of the lease.
WITH RECURSIVE waiting (channel) AS (
    SELECT min(channel) FROM notification_outbox
    UNION ALL
    SELECT (SELECT min(later.channel) FROM notification_outbox later WHERE later.channel > waiting.channel)
    FROM waiting
    WHERE waiting.channel IS NOT NULL
),
room AS (
    SELECT waiting.channel, coalesce(listed.slots, $3::int) AS slots
    FROM waiting
    LEFT JOIN unnest($1::text[], $2::int[]) AS listed (channel, slots) USING (channel)
    WHERE waiting.channel IS NOT NULL
),
due AS MATERIALIZED (
    SELECT picked.id
    FROM room
    CROSS JOIN LATERAL (
        SELECT candidate.id
        FROM notification_outbox candidate
        WHERE candidate.channel = room.channel
          AND candidate.next_attempt_at <= now()
          AND NOT EXISTS (
              SELECT FROM notification_outbox earlier
              WHERE earlier.alert_id = candidate.alert_id
                AND earlier.channel = candidate.channel
                AND earlier.recipient = candidate.recipient
                AND earlier.position < candidate.position
          )
        ORDER BY candidate.next_attempt_at, candidate.position
        LIMIT room.slots
        FOR UPDATE OF candidate SKIP LOCKED
    ) picked
)
UPDATE notification_outbox taken
SET next_attempt_at = now() + $4::interval, attempts = taken.attempts + 1
FROM due
WHERE taken.id = due.id
RETURNING taken.id, taken.alert_id, taken.rule_name, taken.channel, taken.recipient, taken.kind,
          taken.facts, taken.created_at, taken.attempts AS attempt, taken.position;

-- name: unheard
-- Which of these recoveries ($1) would tell someone who never heard of the problem: since the last
-- recovery everything for this alert, channel and recipient was given up.
SELECT recovery.id
FROM notification_outbox recovery
WHERE recovery.id = ANY ($1::uuid[])
  AND (
      SELECT bool_and(told.status = 'failed')
      FROM notification_log told
      WHERE told.alert_id = recovery.alert_id
        AND told.channel = recovery.channel
        AND told.recipient = recovery.recipient
        AND told.kind <> 'recovery'
        AND told.created_at > coalesce((
            SELECT max(earlier.created_at)
            FROM notification_log earlier
            WHERE earlier.alert_id = recovery.alert_id
              AND earlier.channel = recovery.channel
              AND earlier.recipient = recovery.recipient
              AND earlier.kind = 'recovery'
              AND earlier.id <> recovery.id
        ), '-infinity')
  );

-- name: conclude
-- Take what was sent or given up out of the outbox and into the log. What someone else has claimed
-- since is left to him, unless it was sent. Facts of what was given up are kept with it.
WITH outcome AS (
    SELECT *
    FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::jsonb[], $6::timestamptz[], $7::int[])
        AS outcome (id, attempt, status, error_message, payload, sent_at, response_time_ms)
),
gone AS (
    DELETE FROM notification_outbox waiting
    USING outcome
    WHERE waiting.id = outcome.id AND (outcome.status = 'sent' OR waiting.attempts = outcome.attempt)
    RETURNING waiting.id, waiting.alert_id, waiting.rule_id, waiting.rule_name, waiting.channel,
              waiting.recipient, waiting.kind, waiting.facts, waiting.attempts, waiting.created_at,
              outcome.status, outcome.error_message, outcome.payload, outcome.sent_at,
              outcome.response_time_ms
)
INSERT INTO notification_log (id, alert_id, rule_id, channel, recipient, kind, status, attempts,
                              error_message, payload, sent_at, response_time_ms, created_at)
SELECT id, alert_id, rule_id, channel, recipient, kind, status, attempts, error_message,
       payload || jsonb_build_object('rule', rule_name)
               || CASE status WHEN 'failed' THEN jsonb_build_object('facts', facts) ELSE '{}' END,
       sent_at, response_time_ms, created_at
FROM gone
ON CONFLICT (id) DO UPDATE
SET status = excluded.status, attempts = excluded.attempts, error_message = excluded.error_message,
    payload = excluded.payload, sent_at = excluded.sent_at, response_time_ms = excluded.response_time_ms;

-- name: postpone
-- Put what failed off until later and show in the log that it is pending, and why.
WITH outcome AS (
    SELECT *
    FROM unnest($1::uuid[], $2::int[], $3::text[], $4::interval[])
        AS outcome (id, attempt, error_message, delay)
),
kept AS (
    UPDATE notification_outbox waiting
    SET next_attempt_at = now() + outcome.delay, error_message = outcome.error_message
    FROM outcome
    WHERE waiting.id = outcome.id AND waiting.attempts = outcome.attempt
    RETURNING waiting.id, waiting.alert_id, waiting.rule_id, waiting.rule_name, waiting.channel,
              waiting.recipient, waiting.kind, waiting.attempts, waiting.error_message, waiting.created_at
)
INSERT INTO notification_log (id, alert_id, rule_id, channel, recipient, kind, status, attempts,
                              error_message, payload, created_at)
SELECT id, alert_id, rule_id, channel, recipient, kind, 'pending', attempts, error_message,
       jsonb_build_object('rule', rule_name), created_at
FROM kept
ON CONFLICT (id) DO UPDATE
SET attempts = excluded.attempts, error_message = excluded.error_message
WHERE notification_log.status = 'pending';

-- name: give_back
-- End the lease of what was claimed but not tried to the end; the attempt does not count.
UPDATE notification_outbox waiting
SET next_attempt_at = now(), attempts = waiting.attempts - 1
FROM unnest($1::uuid[], $2::int[]) AS outcome (id, attempt)
WHERE waiting.id = outcome.id AND waiting.attempts = outcome.attempt;

-- name: end_leases
-- Make due what was claimed by a worker that is dead: the log knows nothing of the last attempt.
UPDATE notification_outbox waiting
SET next_attempt_at = now()
WHERE next_attempt_at > now()
  AND attempts > coalesce((SELECT told.attempts FROM notification_log told WHERE told.id = waiting.id), 0);

-- name: count_waiting
-- How many notifications wait, by channel.
SELECT channel, count(*) AS amount
FROM notification_outbox
GROUP BY channel
ORDER BY channel;
