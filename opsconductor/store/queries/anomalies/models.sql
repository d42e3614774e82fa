-- name: models
-- The versions of the detector, the latest first.
SELECT * FROM ml_models ORDER BY algorithm, version DESC;

-- name: model
-- One version.
SELECT * FROM ml_models WHERE id = $1;

-- name: production
-- The version in production for all devices.
SELECT * FROM ml_models WHERE status = 'production' AND machine_type IS NULL;

-- name: register
-- Add a version; the same hyperparameters are the same version.
INSERT INTO ml_models (algorithm, version, hyperparameters, metrics, training_data_info, artifact_path,
                       artifact_sha256, status, trained_at)
SELECT $1::text, coalesce(max(version), 0) + 1, $2::jsonb, $3::jsonb, $4::jsonb, $5::text, $6::text, $7::text, now()
FROM ml_models WHERE algorithm = $1::text
RETURNING id, version;

-- name: known
-- The version with these hyperparameters.
SELECT * FROM ml_models WHERE algorithm = $1::text AND hyperparameters = $2::jsonb ORDER BY version DESC LIMIT 1;

-- name: retire
-- Take the version in production out of it.
UPDATE ml_models SET status = 'deprecated' WHERE status = 'production' AND machine_type IS NULL AND id <> $1
RETURNING id, version;

-- name: promote
-- Put a version into production.
UPDATE ml_models SET status = 'production', promoted_at = now(), promoted_by = $2
WHERE id = $1 AND status = ANY ($3::text[])
RETURNING version;

-- name: set_status
-- Change the status of a version that has one of some others.
UPDATE ml_models SET status = $2 WHERE id = $1 AND status = ANY ($3::text[]) RETURNING version;

-- name: evaluated
-- Store the figures of an evaluation, and on what they rest.
UPDATE ml_models SET status = 'registered', metrics = $2::jsonb,
                     training_data_info = (training_data_info - 'failed') || $3::jsonb
WHERE id = $1 AND status = 'evaluating';

-- name: failed
-- Note why an evaluation has no figures; null: of all that an earlier run of the daemon has not ended.
UPDATE ml_models SET status = 'registered',
                     training_data_info = training_data_info || jsonb_build_object('failed', $2::text)
WHERE status = 'evaluating' AND ($1::uuid IS NULL OR id = $1)
RETURNING version;

-- name: labels
-- What people have said of anomalies of series.
SELECT series_id, detected_at, ended_at, NOT is_false_positive AS is_true
FROM anomalies
WHERE is_false_positive IS NOT NULL AND series_id IS NOT NULL AND algorithm_used = 'detector' AND detected_at >= $1
ORDER BY detected_at;
