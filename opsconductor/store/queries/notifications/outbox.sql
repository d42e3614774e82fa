-- name: claim
-- Claim what is due, for each channel up to its room, most urgent first, and hide it from
-- others until the lease ends; of one alert or window, channel and recipient only the oldest. $1 to $4: channels,
-- their room, how much of it may be retries, and the least urgency; $5 to $7: the same for channels not
-- listed; $8: length of the lease.
WITH RECURSIVE waiting (channel) AS (
    SELECT min(channel) FROM notification_outbox
    UNION ALL
    SELECT (SELECT min(later.channel) FROM notification_outbox later WHERE later.channel > waiting.channel)
    FROM waiting
    WHERE waiting.channel IS NOT NULL
),
room AS (
    SELECT waiting.channel, ask.is_retry, given.slots, given.least_urgency,
           CASE WHEN ask.is_retry THEN least(given.slots, given.retries) ELSE given.slots END AS most
    FROM waiting
    LEFT JOIN unnest($1::text[], $2::int[], $3::int[], $4::int[])
        AS listed (channel, slots, retries, least_urgency) USING (channel)
    CROSS JOIN LATERAL (
        SELECT coalesce(listed.slots, $5::int), coalesce(listed.retries, $6::int),
               coalesce(listed.least_urgency, $7::int)
    ) AS given (slots, retries, least_urgency)
    CROSS JOIN (VALUES (false), (true)) AS ask (is_retry)
    WHERE waiting.channel IS NOT NULL
),
due AS MATERIALIZED (
    SELECT room.channel, room.slots, picked.*
    FROM room
    CROSS JOIN LATERAL (
        SELECT candidate.id, candidate.urgency, candidate.next_attempt_at, candidate.position
        FROM notification_outbox candidate
        WHERE candidate.channel = room.channel
          AND candidate.is_retry = room.is_retry
          AND candidate.urgency <= room.least_urgency
          AND candidate.next_attempt_at <= now()
          AND NOT EXISTS (
              SELECT FROM notification_outbox earlier
              WHERE earlier.alert_id = candidate.alert_id
                AND earlier.channel = candidate.channel
                AND earlier.recipient = candidate.recipient
                AND earlier.position < candidate.position
          )
          AND NOT EXISTS (
              SELECT FROM notification_outbox earlier
              WHERE earlier.window_id = candidate.window_id
                AND earlier.channel = candidate.channel
                AND earlier.recipient = candidate.recipient
                AND earlier.position < candidate.position
          )
        ORDER BY candidate.urgency, candidate.next_attempt_at, candidate.position
        LIMIT room.most
        FOR UPDATE OF candidate SKIP LOCKED
    ) picked
),
chosen AS (
    SELECT id,
           slots >= row_number() OVER (PARTITION BY channel ORDER BY urgency, next_attempt_at, position) AS fits
    FROM due
)
UPDATE notification_outbox taken
SET next_attempt_at = now() + $8::interval, attempts = taken.attempts + 1
FROM chosen
WHERE taken.id = chosen.id AND chosen.fits
RETURNING taken.id, coalesce(taken.alert_id, taken.window_id) AS alert_id, taken.rule_name, taken.channel,
          taken.recipient, taken.kind, taken.facts, taken.created_at, taken.attempts AS attempt, taken.position, taken.urgency;

-- name: hurry
-- Make due what failed on these channels ($1) and waits for its next attempt; claims are not touched.
UPDATE notification_outbox waiting
SET next_attempt_at = now()
FROM notification_log logged
WHERE logged.id = waiting.id
  AND waiting.channel = ANY ($1::text[])
  AND waiting.next_attempt_at > now()
  AND waiting.attempts <= logged.attempts;

-- name: promote
-- Make the oldest that is due of each channel as urgent as a critical one if it waits for longer than $1, so
-- that however many criticals come, others get their turn.
UPDATE notification_outbox waiting
SET urgency = 0
FROM (
    SELECT DISTINCT ON (channel) id
    FROM notification_outbox
    WHERE urgency > 0 AND next_attempt_at <= now() AND created_at < now() - $1::interval
    ORDER BY channel, next_attempt_at, position
) oldest
WHERE waiting.id = oldest.id;

-- name: undelivered
-- Unreached recipients: of each channel the notifications given up within $1 to recipients who have received
-- nothing since, with the latest. $2 is no fault; notifications about alerts of type $3 are excluded.
WITH recent AS (
    SELECT channel, recipient, status, error_message, payload->'facts' AS facts, concluded_at,
           max(concluded_at) FILTER (WHERE status = 'sent') OVER (PARTITION BY channel, recipient) AS reached_at
    FROM notification_log
    WHERE concluded_at > now() - $1::interval
)
SELECT channel, count(*)::int AS amount, count(DISTINCT recipient)::int AS recipients,
       (array_agg(coalesce(facts->>'title', '') ORDER BY concluded_at DESC))[1] AS title,
       (array_agg(coalesce(facts->>'device_name', facts->>'device_ip', '') ORDER BY concluded_at DESC))[1]
           AS device,
       (array_agg(coalesce(error_message, '') ORDER BY concluded_at DESC))[1] AS error
FROM recent
WHERE status = 'failed'
  AND error_message IS DISTINCT FROM $2
  AND facts->>'alert_type' IS DISTINCT FROM $3
  AND (reached_at IS NULL OR reached_at <= concluded_at)
GROUP BY channel
ORDER BY channel;

-- name: unheard
-- Which of these recoveries ($1) go to a recipient never notified of the problem: since the last
-- recovery everything for this alert, channel and recipient was given up.
SELECT recovery.id
FROM notification_outbox recovery
WHERE recovery.id = ANY ($1::uuid[])
  AND (
      SELECT bool_and(logged.status = 'failed')
      FROM notification_log logged
      WHERE logged.alert_id = recovery.alert_id
        AND logged.channel = recovery.channel
        AND logged.recipient = recovery.recipient
        AND logged.kind <> 'recovery'
        AND logged.created_at > coalesce((
            SELECT max(earlier.created_at)
            FROM notification_log earlier
            WHERE earlier.alert_id = recovery.alert_id
              AND earlier.channel = recovery.channel
              AND earlier.recipient = recovery.recipient
              AND earlier.kind = 'recovery'
              AND earlier.id <> recovery.id
        ), '-infinity')
  );

-- name: earlier
-- What the channel keeps of the latest notification sent about the same alert to the same recipient as each of
-- these ($1); nothing of one that was the end of the problem. A message about several alerts is no earlier one, and
-- has none: it must not replace the message of one of them.
SELECT waiting.id, latest.metadata
FROM notification_outbox waiting
CROSS JOIN LATERAL (
    SELECT logged.kind, logged.metadata
    FROM notification_log logged
    WHERE logged.alert_id = waiting.alert_id
      AND logged.channel = waiting.channel
      AND logged.recipient = waiting.recipient
      AND logged.status = 'sent'
      AND logged.kind <> 'summary'
    ORDER BY logged.created_at DESC, logged.id DESC
    LIMIT 1
) latest
WHERE waiting.id = ANY ($1::uuid[])
  AND waiting.kind <> 'summary'
  AND latest.kind <> 'recovery'
  AND latest.metadata <> '{}';

-- name: conclude
-- Move what was sent or given up from the outbox to the log. What another worker has claimed
-- since is left to it, unless it was sent. Facts of what was given up are kept with it.
WITH outcome AS (
    SELECT *
    FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::jsonb[], $6::timestamptz[], $7::int[],
                $8::jsonb[])
        AS outcome (id, attempt, status, error_message, payload, sent_at, response_time_ms, metadata)
),
gone AS (
    DELETE FROM notification_outbox waiting
    USING outcome
    WHERE waiting.id = outcome.id AND (outcome.status = 'sent' OR waiting.attempts = outcome.attempt)
    RETURNING waiting.id, waiting.alert_id, waiting.rule_id, waiting.rule_name, waiting.channel,
              waiting.recipient, waiting.kind, waiting.facts, waiting.attempts, waiting.created_at,
              outcome.status, outcome.error_message, outcome.payload, outcome.sent_at,
              outcome.response_time_ms, outcome.metadata
)
INSERT INTO notification_log (id, alert_id, rule_id, channel, recipient, kind, status, attempts,
                              error_message, payload, metadata, sent_at, response_time_ms, created_at, concluded_at)
SELECT id, alert_id, rule_id, channel, recipient, kind, status, attempts, error_message,
       payload || jsonb_build_object('rule', rule_name)
               || jsonb_strip_nulls(jsonb_build_object('failover_of', facts->'failover_of'))
               || CASE status WHEN 'failed' THEN jsonb_build_object('facts', facts) ELSE '{}' END,
       metadata, sent_at, response_time_ms, created_at, now()
FROM gone
ON CONFLICT (id) DO UPDATE
SET status = excluded.status, attempts = excluded.attempts, error_message = excluded.error_message,
    payload = excluded.payload || jsonb_strip_nulls(
        jsonb_build_object('resent', notification_log.payload->'resent')
    ),
    metadata = excluded.metadata, sent_at = excluded.sent_at,
    response_time_ms = excluded.response_time_ms,
    concluded_at = excluded.concluded_at;

-- name: postpone
-- Postpone what failed and record in the log that it is pending, why, and how long the attempt took.
WITH outcome AS (
    SELECT *
    FROM unnest($1::uuid[], $2::int[], $3::text[], $4::interval[], $5::int[])
        AS outcome (id, attempt, error_message, delay, response_time_ms)
),
kept AS (
    UPDATE notification_outbox waiting
    SET next_attempt_at = now() + outcome.delay, error_message = outcome.error_message
    FROM outcome
    WHERE waiting.id = outcome.id AND waiting.attempts = outcome.attempt
    RETURNING waiting.id, waiting.alert_id, waiting.rule_id, waiting.rule_name, waiting.channel,
              waiting.recipient, waiting.kind, waiting.attempts, waiting.error_message, waiting.created_at,
              outcome.response_time_ms
)
INSERT INTO notification_log (id, alert_id, rule_id, channel, recipient, kind, status, attempts,
                              error_message, payload, response_time_ms, created_at)
SELECT id, alert_id, rule_id, channel, recipient, kind, 'pending', attempts, error_message,
       jsonb_build_object('rule', rule_name), response_time_ms, created_at
FROM kept
ON CONFLICT (id) DO UPDATE
SET attempts = excluded.attempts, error_message = excluded.error_message,
    response_time_ms = excluded.response_time_ms
WHERE notification_log.status = 'pending';

-- name: dead_letters
-- What was given up since $1 over channel $2 unless it is empty, the latest first, $4 at most; $3 is no fault.
SELECT log.id, log.alert_id, log.channel, log.recipient, log.kind, coalesce(log.payload->>'rule', '') AS rule,
       log.attempts, coalesce(log.error_message, '') AS error, log.created_at, log.concluded_at,
       coalesce(log.payload->'facts'->>'title', '') AS title,
       coalesce(log.payload->'facts'->>'device_name', log.payload->'facts'->>'device_ip', '') AS device,
       coalesce(log.payload->'facts'->>'severity', '') AS severity, alerts.status AS alert_status,
       EXISTS (
           SELECT FROM notification_log later
           WHERE later.channel = log.channel AND later.recipient = log.recipient AND later.status = 'sent'
             AND later.concluded_at > log.concluded_at
       ) AS is_reached_since
FROM notification_log log
LEFT JOIN alerts ON alerts.id = log.alert_id
WHERE log.status = 'failed' AND log.concluded_at >= $1 AND ($2 = '' OR log.channel = $2)
  AND log.error_message IS DISTINCT FROM $3
ORDER BY log.concluded_at DESC, log.id
LIMIT $4;

-- name: notification_log
-- Notifications decided on since $1 and before $2, over channel $3 unless it is empty, with status $4 and about
-- alert $5 unless they are NULL; the latest first, $6 at most.
SELECT id, alert_id, channel, recipient, kind, coalesce(payload->>'rule', '') AS rule,
       status, attempts, coalesce(error_message, '') AS error, created_at, concluded_at, response_time_ms
FROM notification_log
WHERE created_at >= $1 AND created_at < coalesce($2::timestamptz, 'infinity') AND ($3 = '' OR channel = $3)
  AND ($4::text IS NULL OR status = $4) AND ($5::uuid IS NULL OR alert_id = $5)
ORDER BY created_at DESC, id DESC
LIMIT $6;

-- name: waiting
-- What waits over channel $1, or any if it is empty, the next first, $2 at most.
SELECT id, alert_id, channel, recipient, kind, rule_name AS rule, attempts, coalesce(error_message, '') AS error,
       created_at, next_attempt_at
FROM notification_outbox
WHERE $1 = '' OR channel = $1
ORDER BY next_attempt_at, position
LIMIT $2;

-- name: resend
-- Put given-up notifications ($1) into the outbox again, under their ids and with the number of their attempts,
-- and record that $2 asked for it. What has no facts or no alert any more is left out.
WITH wanted AS (
    SELECT log.*, jsonb_build_object('by', $2::text, 'at', now()) AS resent
    FROM notification_log log
    WHERE log.id = ANY ($1::uuid[]) AND log.status = 'failed' AND log.payload ? 'facts'
      AND (log.kind = 'maintenance' OR EXISTS (SELECT FROM alerts WHERE alerts.id = log.alert_id))
    FOR UPDATE OF log
),
put AS (
    INSERT INTO notification_outbox (id, alert_id, window_id, rule_id, rule_name, channel, recipient, kind, facts,
                                     attempts, urgency)
    SELECT id, alert_id, (payload->'facts'->'window'->>'id')::uuid, rule_id, coalesce(payload->>'rule', ''), channel,
           recipient, kind,
           payload->'facts' || jsonb_build_object('resent_by', $2::text, 'given_up_at', concluded_at), attempts,
           coalesce(array_position('{critical,major,minor,warning,info}', payload->'facts'->>'severity') - 1, 2)
           + (kind = 'recovery')::int
    FROM wanted
    ORDER BY created_at, id
    ON CONFLICT (id) DO NOTHING
    RETURNING id
),
marked AS (
    UPDATE notification_log log
    SET status = 'pending',
        payload = log.payload || jsonb_build_object(
            'resent', coalesce(log.payload->'resent', '[]'::jsonb) || wanted.resent
        )
    FROM wanted
    JOIN put ON put.id = wanted.id
    WHERE log.id = wanted.id
    RETURNING log.id, log.channel, log.recipient
),
noted AS (
    INSERT INTO audit_log (actor, action, subject, details)
    SELECT $2, 'notification.resend', id::text, jsonb_build_object('channel', channel, 'recipient', recipient)
    FROM marked
)
SELECT id FROM marked;

-- name: fail_over
-- Copy messages that are not delivered to their failovers: those of channels $1, which are down because of $2,
-- and those with ids $3, which are given up because of $4. Several recipients with one failover make one copy,
-- of a window one of each announcement; what was copied while the database was away is not copied again.
WITH stuck AS (
    UPDATE notification_outbox waiting
    SET facts = waiting.facts - 'failover'
    FROM (
        SELECT candidate.id, candidate.facts->'failover' AS failover,
               coalesce(given.error, down.error) AS error
        FROM notification_outbox candidate
        LEFT JOIN unnest($1::text[], $2::text[]) AS down (channel, error) ON down.channel = candidate.channel
        LEFT JOIN unnest($3::uuid[], $4::text[]) AS given (id, error) ON given.id = candidate.id
        WHERE candidate.facts ? 'failover' AND candidate.kind <> 'recovery'
          AND (down.channel IS NOT NULL OR given.id IS NOT NULL)
    ) found
    WHERE waiting.id = found.id
    RETURNING waiting.*, found.failover, found.error
),
copies AS (
    SELECT DISTINCT ON (coalesce(stuck.alert_id, stuck.window_id), stuck.kind, stuck.facts->'window',
                        stuck.failover->>'channel', target.recipient)
           stuck.*, stuck.failover->>'channel' AS to_channel, target.recipient AS to_recipient
    FROM stuck
    CROSS JOIN LATERAL jsonb_array_elements_text(stuck.failover->'recipients') AS target (recipient)
    ORDER BY coalesce(stuck.alert_id, stuck.window_id), stuck.kind, stuck.facts->'window',
             stuck.failover->>'channel', target.recipient, stuck.position
)
INSERT INTO notification_outbox (id, alert_id, window_id, rule_id, rule_name, channel, recipient, kind, facts,
                                 urgency)
SELECT md5(id::text || '/' || to_channel || '/' || to_recipient)::uuid, alert_id, window_id, rule_id, rule_name,
       to_channel, to_recipient, kind,
       facts || jsonb_build_object('failover_of', jsonb_build_object('channel', channel, 'recipient', recipient,
                                                                     'error', error)),
       urgency
FROM copies
WHERE NOT EXISTS (
    SELECT FROM notification_outbox other
    WHERE other.alert_id = copies.alert_id AND other.channel = to_channel AND other.recipient = to_recipient
      AND other.kind = copies.kind AND other.facts ? 'failover_of' AND other.created_at >= copies.created_at
) AND NOT EXISTS (
    SELECT FROM notification_log logged
    WHERE logged.alert_id = copies.alert_id AND logged.channel = to_channel AND logged.recipient = to_recipient
      AND logged.kind = copies.kind AND logged.payload ? 'failover_of' AND logged.created_at >= copies.created_at
) AND NOT EXISTS (
    SELECT FROM notification_log logged
    WHERE logged.id = md5(copies.id::text || '/' || to_channel || '/' || to_recipient)::uuid
)
ORDER BY position
ON CONFLICT (id) DO NOTHING;

-- name: fail_over_recoveries
-- Copy recoveries to the failovers that have got, or will get, the problem in place of the recipient; not what was
-- copied while the database was away.
WITH ended AS (
    UPDATE notification_outbox waiting
    SET facts = waiting.facts - 'failover'
    FROM (
        SELECT id, facts->'failover' AS failover FROM notification_outbox
        WHERE facts ? 'failover' AND kind = 'recovery'
    ) found
    WHERE waiting.id = found.id
    RETURNING waiting.*, found.failover
),
copies AS (
    SELECT DISTINCT ON (ended.alert_id, ended.failover->>'channel', target.recipient)
           ended.*, ended.failover->>'channel' AS to_channel, target.recipient AS to_recipient
    FROM ended
    CROSS JOIN LATERAL jsonb_array_elements_text(ended.failover->'recipients') AS target (recipient)
    ORDER BY ended.alert_id, ended.failover->>'channel', target.recipient, ended.position
)
INSERT INTO notification_outbox (id, alert_id, rule_id, rule_name, channel, recipient, kind, facts, urgency)
SELECT md5(id::text || '/' || to_channel || '/' || to_recipient)::uuid, alert_id, rule_id, rule_name, to_channel,
       to_recipient, kind,
       facts || jsonb_build_object('failover_of', jsonb_build_object('channel', channel, 'recipient', recipient)),
       urgency
FROM copies
WHERE NOT EXISTS (
    SELECT FROM notification_log logged
    WHERE logged.id = md5(copies.id::text || '/' || to_channel || '/' || to_recipient)::uuid
) AND (EXISTS (
    SELECT FROM notification_outbox problem
    WHERE problem.alert_id = copies.alert_id AND problem.channel = to_channel
      AND problem.recipient = to_recipient AND problem.kind <> 'recovery' AND problem.facts ? 'failover_of'
) OR EXISTS (
    SELECT FROM notification_log problem
    WHERE problem.alert_id = copies.alert_id AND problem.channel = to_channel
      AND problem.recipient = to_recipient AND problem.kind <> 'recovery' AND problem.payload ? 'failover_of'
      AND problem.created_at > coalesce((
          SELECT max(earlier.created_at) FROM notification_log earlier
          WHERE earlier.alert_id = copies.alert_id AND earlier.channel = to_channel
            AND earlier.recipient = to_recipient AND earlier.kind = 'recovery'
      ), '-infinity')
))
ORDER BY position
ON CONFLICT (id) DO NOTHING;

-- name: give_back
-- End the lease of claims whose attempt was cancelled; the attempt does not count.
UPDATE notification_outbox waiting
SET next_attempt_at = now(), attempts = waiting.attempts - 1
FROM unnest($1::uuid[], $2::int[]) AS outcome (id, attempt)
WHERE waiting.id = outcome.id AND waiting.attempts = outcome.attempt;

-- name: end_leases
-- Make due what was claimed by a dead worker, whose last attempt is not in the log.
UPDATE notification_outbox waiting
SET next_attempt_at = now()
WHERE next_attempt_at > now()
  AND attempts > coalesce((SELECT logged.attempts FROM notification_log logged WHERE logged.id = waiting.id), 0);

-- name: count_waiting
-- The number of waiting notifications, by channel.
SELECT channel, count(*) AS amount
FROM notification_outbox
GROUP BY channel
ORDER BY channel;
