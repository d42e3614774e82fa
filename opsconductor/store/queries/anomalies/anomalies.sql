-- name: begin
-- Add anomalies; those of a log that is read again after a crash are there already.
INSERT INTO anomalies (
    id, detected_at, subject, series_id, group_id, device_key, device_name, site, metric, resource, unit,
    anomaly_type, algorithm_used, model_id, rule_id, severity, channel, direction, hour_bucket, score, confidence,
    distance, threshold, value, expected, members, rule_violations, features, explanation, calculated_metrics,
    is_admitted, admission, alert_state, category)
SELECT id, detected_at, subject, series_id, group_id, device_key, device_name, site, metric, resource, unit,
       anomaly_type, algorithm, (SELECT m.id FROM ml_models m
                                 WHERE m.status = 'production' AND m.machine_type IS NULL AND rule_id IS NULL),
       (SELECT r.id FROM alert_rules r WHERE r.id = rule_id), severity, channel, direction, hour_bucket, score,
       confidence, distance, threshold, value, expected, members, rule_violations, features, explanation,
       calculated_metrics, is_admitted, admission,
       CASE WHEN is_admitted AND group_id IS NULL THEN 'raise' ELSE 'none' END, category
FROM jsonb_to_recordset($1::jsonb) AS row (
    id uuid, detected_at timestamptz, subject text, series_id integer, group_id uuid, device_key text,
    device_name text, site text, metric text, resource text, unit text, anomaly_type text, algorithm text,
    rule_id uuid, severity text, channel text, direction text, hour_bucket smallint, score float8,
    confidence float8, distance float8, threshold float8, value float8, expected float8, members integer,
    rule_violations jsonb, features jsonb, explanation jsonb, calculated_metrics jsonb, is_admitted boolean,
    admission text, category text)
ON CONFLICT (id, detected_at) DO NOTHING;

-- name: change
-- Change open anomalies; an alert that got worse, or has more members, is reported again.
UPDATE anomalies a
SET severity = coalesce(row.severity, a.severity), value = coalesce(row.value, a.value),
    threshold = coalesce(row.threshold, a.threshold), explanation = coalesce(row.explanation, a.explanation),
    features = coalesce(row.features, a.features), group_id = coalesce(row.group_id, a.group_id),
    members = coalesce(row.members, a.members), is_admitted = coalesce(row.is_admitted, a.is_admitted),
    admission = coalesce(row.admission, a.admission),
    alert_state = CASE
        WHEN a.ended_at IS NOT NULL OR a.status IN ('resolved', 'false_positive') THEN a.alert_state
        WHEN a.alert_state IN ('raise', 'raised') THEN 'raise'
        WHEN row.is_admitted AND coalesce(row.group_id, a.group_id) IS NULL THEN 'raise'
        ELSE a.alert_state END
FROM jsonb_to_recordset($1::jsonb) AS row (
    id uuid, detected_at timestamptz, severity text, value float8, threshold float8, explanation jsonb,
    features jsonb, group_id uuid, members integer, is_admitted boolean, admission text)
WHERE a.id = row.id AND a.detected_at = row.detected_at;

-- name: end
-- End anomalies; people's judgements stay.
UPDATE anomalies a
SET ended_at = row.ended_at,
    status = CASE WHEN a.status IN ('detected', 'acknowledged') THEN 'resolved' ELSE a.status END
FROM jsonb_to_recordset($1::jsonb) AS row (id uuid, detected_at timestamptz, ended_at timestamptz)
WHERE a.id = row.id AND a.detected_at = row.detected_at AND a.ended_at IS NULL;

-- name: end_lost
-- End at $2 what rules and detector have open here, and do not know: all but $1. People's judgements stay, and so
-- does the alert of what has begun once more.
UPDATE anomalies a
SET ended_at = greatest(a.detected_at, $2),
    alert_state = CASE WHEN EXISTS (
        SELECT FROM anomalies m
        WHERE m.subject = a.subject AND m.id = ANY ($1::uuid[]) AND m.ended_at IS NULL
          AND m.alert_state IN ('raise', 'raised')) THEN 'none' ELSE a.alert_state END,
    status = CASE WHEN a.status IN ('detected', 'acknowledged') THEN 'resolved' ELSE a.status END
WHERE a.ended_at IS NULL AND a.subject LIKE ANY ('{rule:%,series:%,device:%}'::text[]) AND a.id <> ALL ($1::uuid[]);

-- name: settle
-- Mark the alerts of ended anomalies as to be cleared: each ended or was judged false, and no member of it lasts.
UPDATE anomalies a
SET alert_state = CASE a.alert_state WHEN 'raised' THEN 'clear' ELSE 'none' END
WHERE a.alert_state IN ('raise', 'raised')
  AND (a.ended_at IS NOT NULL OR a.status IN ('resolved', 'false_positive'))
  AND (a.status = 'false_positive'
       OR NOT EXISTS (SELECT FROM anomalies m WHERE m.group_id = a.id AND m.ended_at IS NULL));

-- name: to_report
-- What is to be reported to the pipeline, the oldest first.
SELECT * FROM anomalies WHERE alert_state IN ('raise', 'clear') ORDER BY detected_at, id LIMIT $1;

-- name: reported
-- Note what the pipeline has committed.
UPDATE anomalies a
SET alert_state = CASE a.alert_state WHEN 'raise' THEN 'raised' ELSE 'cleared' END,
    alert_id = coalesce(row.alert_id, a.alert_id)
FROM jsonb_to_recordset($1::jsonb) AS row (id uuid, detected_at timestamptz, alert_state text, alert_id uuid)
WHERE a.id = row.id AND a.detected_at = row.detected_at AND a.alert_state = row.alert_state;

-- name: get
-- One anomaly; of a dataset with what says who sees it.
SELECT a.*, r.name AS rule_name, d.id AS dataset_id, d.name AS dataset_name, d.user_id AS dataset_user,
       d.key_id AS dataset_key, coalesce(d.is_shared AND d.is_active, false) AS dataset_is_shared
FROM anomalies a
LEFT JOIN alert_rules r ON r.id = a.rule_id
LEFT JOIN analyses ON analyses.id = a.analysis_id
LEFT JOIN datasets d ON d.id = analyses.dataset_id AND d.is_active
WHERE a.id = $1;

-- name: members
-- What is part of an anomaly.
SELECT a.*, NULL AS rule_name FROM anomalies a WHERE a.group_id = $1 ORDER BY a.detected_at, a.id LIMIT 500;

-- name: similar
-- The last anomaly of the same kind before one.
SELECT id, detected_at, status FROM anomalies
WHERE device_key = $1 AND metric = $2 AND resource = $3 AND channel = $4 AND direction = $5 AND detected_at < $6
ORDER BY detected_at DESC LIMIT 1;

-- name: set_status
-- Set what people decide about an anomaly.
UPDATE anomalies
SET status = $3::text,
    acknowledged_by = CASE $3::text WHEN 'acknowledged' THEN $4::text ELSE acknowledged_by END,
    acknowledged_at = CASE $3::text WHEN 'acknowledged' THEN now() ELSE acknowledged_at END,
    resolved_by = CASE $3::text WHEN 'resolved' THEN $4::text ELSE resolved_by END
WHERE id = $1 AND detected_at = $2;

-- name: assign
-- Set the person an anomaly is assigned to; empty: unassigned.
UPDATE anomalies SET assigned_to = nullif($3, '') WHERE id = $1 AND detected_at = $2;

-- name: judge
-- Note whether an anomaly was one.
UPDATE anomalies
SET is_false_positive = NOT $3::boolean,
    status = CASE WHEN $3 THEN CASE status WHEN 'false_positive' THEN 'detected' ELSE status END
                  ELSE 'false_positive' END
WHERE id = $1 AND detected_at = $2;

-- name: add_feedback
-- Keep what a person has said; the last word of each counts.
INSERT INTO feedback (anomaly_id, series_id, device_key, device_type, metric, channel, direction,
                      is_true_positive, notes, user_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (anomaly_id, user_name) DO UPDATE SET
    is_true_positive = EXCLUDED.is_true_positive, notes = EXCLUDED.notes, at = now();

-- name: feedback_of
-- What people have said of an anomaly.
SELECT user_name, is_true_positive, notes, at FROM feedback WHERE anomaly_id = $1 ORDER BY at;

-- name: digest
-- Held back since $1, by why; of devices $2 if it is given. Those of datasets never become alerts.
SELECT admission, metric, count(*) AS amount, count(DISTINCT device_key) AS devices,
       max(score) AS score, max(detected_at) AS last_at
FROM anomalies
WHERE detected_at >= $1 AND NOT is_admitted AND analysis_id IS NULL AND ($2::text[] IS NULL OR device_key = ANY ($2))
GROUP BY admission, metric
ORDER BY amount DESC, admission, metric
LIMIT 200;

-- name: amounts
-- Numbers since $1, of devices $2 if it is given.
SELECT count(*) AS total, count(*) FILTER (WHERE is_admitted) AS admitted,
       count(*) FILTER (WHERE ended_at IS NULL) AS open,
       count(*) FILTER (WHERE is_false_positive) AS false_positives,
       count(*) FILTER (WHERE is_false_positive = false) AS true_positives
FROM anomalies
WHERE detected_at >= $1 AND analysis_id IS NULL AND ($2::text[] IS NULL OR device_key = ANY ($2));

-- name: proposals
-- Kinds that several people or anomalies judged false within 90 days, and no rule holds back yet.
SELECT f.device_type, f.metric, count(DISTINCT f.anomaly_id) AS judged, count(DISTINCT f.device_key) AS devices,
       max(f.at) AS last_at
FROM feedback f
WHERE NOT f.is_true_positive AND f.metric <> '' AND f.device_type <> '' AND f.at > now() - interval '90 days'
  AND ($1::text[] IS NULL OR f.device_key = ANY ($1))
  AND NOT EXISTS (
    SELECT FROM alert_rules r
    WHERE r.hold_back AND r.metric = f.metric AND r.scope->'device_type' ? f.device_type)
GROUP BY f.device_type, f.metric
HAVING count(DISTINCT f.anomaly_id) >= 3
ORDER BY judged DESC, f.device_type, f.metric
LIMIT 50;
