-- name: models
-- The versions of the detector, the latest first.
SELECT * FROM ml_models ORDER BY algorithm, version DESC;

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
RETURNING version;

-- name: promote
-- Put a version into production.
UPDATE ml_models SET status = 'production', promoted_at = now(), promoted_by = $2 WHERE id = $1
RETURNING version;
