-- name: known_since
-- When each device became known, by its key in alerts.
SELECT coalesce(ip_address, name) AS key, created_at FROM devices;

-- name: runs
-- The runs of daemons that touch the time from $1 up to $2: begin and known end.
SELECT started_at, coalesce(stopped_at, seen_at) AS ended_at
FROM daemon_runs
WHERE started_at < $2 AND coalesce(stopped_at, seen_at) >= $1
ORDER BY started_at;

-- name: flaps
-- How often alerts began to flap from $1 up to $2.
SELECT alert_id, count(*)::int AS amount FROM alert_history
WHERE action = 'flapping' AND created_at >= $1 AND created_at < $2
GROUP BY alert_id;

-- name: sent
-- Messages sent from $1 up to $2.
SELECT count(*) FROM notification_log WHERE created_at >= $1 AND created_at < $2 AND status = 'sent';

-- name: anomalies
-- Anomalies from $1 up to $2 of the devices $3 (null: of all), by device; members of a group count with it.
SELECT device_key AS key, max(device_name) AS name, count(*)::int AS total,
       count(*) FILTER (WHERE is_false_positive = false)::int AS confirmed,
       count(*) FILTER (WHERE is_false_positive)::int AS false_positives,
       count(*) FILTER (WHERE is_admitted)::int AS alerted
FROM anomalies
WHERE detected_at >= $1 AND detected_at < $2 AND group_id IS NULL AND analysis_id IS NULL
  AND ($3::text[] IS NULL OR device_key = ANY($3))
GROUP BY device_key ORDER BY total DESC, key;

-- name: add_report
-- Store a report.
INSERT INTO maintenance_reports (report_type, scope_kind, scope_value, period_begin, period_end, content,
    metrics_summary, recommendations, requested_by, owner, row_filter)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
RETURNING id;

-- name: add_metrics
-- Store the measures of devices of the report $1.
INSERT INTO performance_metrics (report_id, device_key, device_name, calculation_time, uptime_percentage,
    anomaly_count, average_load, average_temperature, efficiency_rating)
SELECT $1, key, name, now(), percent, anomalies, load, temperature, efficiency
FROM unnest($2::text[], $3::text[], $4::float8[], $5::int[], $6::float8[], $7::float8[], $8::float8[])
     AS each (key, name, percent, anomalies, load, temperature, efficiency);

-- name: list
-- The newest $3 reports; of a caller with a row filter $2 only its own ($1) made under that filter.
SELECT id, report_type, generated_time, scope_kind, scope_value, content->>'period' AS period, period_begin, period_end,
       requested_by, metrics_summary
FROM maintenance_reports
WHERE $2::jsonb = '[]' OR (owner = $1 AND row_filter = $2)
ORDER BY generated_time DESC, id DESC
LIMIT $3;

-- name: find
-- A report, as `list` shows it, with its content.
SELECT id, report_type, generated_time, scope_kind, scope_value, content->>'period' AS period, period_begin, period_end,
       requested_by, metrics_summary, content
FROM maintenance_reports
WHERE id = $3 AND ($2::jsonb = '[]' OR (owner = $1 AND row_filter = $2));

-- name: delete
-- Delete a report that the caller may see.
DELETE FROM maintenance_reports
WHERE id = $3 AND ($2::jsonb = '[]' OR (owner = $1 AND row_filter = $2))
RETURNING id;

-- name: claim
-- Begin the job of a schedule for a period, once; one that failed, or whose daemon ended, is begun again.
INSERT INTO report_jobs (schedule, report_type, period_begin, period_end, channel, recipients)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (schedule, period_begin) WHERE schedule <> '' DO UPDATE
    SET status = 'processing', attempts = report_jobs.attempts + 1
    WHERE report_jobs.status <> 'completed' AND report_jobs.attempts < $7
RETURNING id;

-- name: begin
-- Begin a requested job.
INSERT INTO report_jobs (report_type, period_begin, period_end, requested_by)
VALUES ($1, $2, $3, $4) RETURNING id;

-- name: finish
-- End a job: its report ($2) or why there is none ($3).
UPDATE report_jobs
SET status = CASE WHEN $2::uuid IS NULL THEN 'failed' ELSE 'completed' END, report_id = $2,
    error_message = $3, finished_at = now()
WHERE id = $1;

-- name: undelivered
-- Reports that recipients do not have yet, of the last $1 days.
SELECT j.id, j.channel, j.recipients, j.attempts, r.id AS report_id, r.content
FROM report_jobs j JOIN maintenance_reports r ON r.id = j.report_id
WHERE j.recipients <> '{}' AND j.status = 'completed' AND j.created_at > now() - make_interval(days => $1)
ORDER BY j.created_at;

-- name: delivered
-- Take a recipient from those who do not have the report; $3: why it was given up, empty: it was sent.
UPDATE report_jobs
SET recipients = array_remove(recipients, $2), error_message = CASE WHEN $3 = '' THEN error_message ELSE $3 END
WHERE id = $1;

-- name: jobs
-- The newest $1 jobs of schedules.
SELECT schedule, report_type, period_begin, period_end, status, error_message, report_id, channel, recipients,
       finished_at
FROM report_jobs WHERE schedule <> '' ORDER BY created_at DESC LIMIT $1;
