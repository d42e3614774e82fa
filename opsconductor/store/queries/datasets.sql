-- name: list
-- Datasets that user $1 or key $2 sees ($3: all), the newest first; $4: text in name, tag or description.
SELECT datasets.id, name, description, tags, is_shared, created_by, datasets.created_at, updated_at,
       last_analysis_at, datasets.metadata, may_change AS is_own, matrix.row_count AS rows, NULL AS columns,
       files.amount AS files, files.bytes, (SELECT count(*) FROM analyses WHERE dataset_id = datasets.id) AS analyses,
       job.state AS job
FROM datasets
LEFT JOIN feature_data matrix ON matrix.dataset_id = datasets.id
CROSS JOIN LATERAL (SELECT count(*) AS amount, coalesce(sum(file_size), 0)::bigint AS bytes
                    FROM file_uploads WHERE dataset_id = datasets.id) files
LEFT JOIN LATERAL (SELECT jsonb_build_object('status', status, 'progress', progress, 'step', step,
                                             'error_message', error_message) AS state
                   FROM batch_jobs WHERE dataset_id = datasets.id AND kind = 'read'
                   ORDER BY created_at DESC LIMIT 1) job ON true
CROSS JOIN LATERAL (SELECT $3 OR coalesce(user_id = $1, false) OR coalesce(key_id = $2, false) AS may_change) mine
WHERE is_active AND (may_change OR is_shared)
  AND ($4 = '' OR name ILIKE '%' || $4 || '%' OR description ILIKE '%' || $4 || '%' OR $4 = ANY (tags))
ORDER BY datasets.created_at DESC, datasets.id
LIMIT $5 OFFSET $6;

-- name: count
-- How many `list` would return without limit.
SELECT count(*) FROM datasets
WHERE is_active AND ($3 OR is_shared OR coalesce(user_id = $1, false) OR coalesce(key_id = $2, false))
  AND ($4 = '' OR name ILIKE '%' || $4 || '%' OR description ILIKE '%' || $4 || '%' OR $4 = ANY (tags));

-- name: find
-- Dataset $4, if user $1 or key $2 sees it ($3: all), with its columns.
SELECT datasets.id, name, description, tags, is_shared, created_by, datasets.created_at, updated_at,
       last_analysis_at, datasets.metadata, may_change AS is_own, matrix.row_count AS rows, matrix.columns,
       files.amount AS files, files.bytes, (SELECT count(*) FROM analyses WHERE dataset_id = datasets.id) AS analyses,
       job.state AS job
FROM datasets
LEFT JOIN feature_data matrix ON matrix.dataset_id = datasets.id
CROSS JOIN LATERAL (SELECT count(*) AS amount, coalesce(sum(file_size), 0)::bigint AS bytes
                    FROM file_uploads WHERE dataset_id = datasets.id) files
LEFT JOIN LATERAL (SELECT jsonb_build_object('status', status, 'progress', progress, 'step', step,
                                             'error_message', error_message) AS state
                   FROM batch_jobs WHERE dataset_id = datasets.id AND kind = 'read'
                   ORDER BY created_at DESC LIMIT 1) job ON true
CROSS JOIN LATERAL (SELECT $3 OR coalesce(user_id = $1, false) OR coalesce(key_id = $2, false) AS may_change) mine
WHERE datasets.id = $4 AND is_active AND (may_change OR is_shared);

-- name: create
-- Creates a dataset of user $1 or key $2.
INSERT INTO datasets (user_id, key_id, created_by, name, description, tags, is_shared)
VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING id;

-- name: change
-- Changes dataset $1; null leaves a value as it is.
UPDATE datasets SET name = coalesce($2, name), description = coalesce($3, description), tags = coalesce($4, tags),
                    is_shared = coalesce($5, is_shared), updated_at = now()
WHERE id = $1;

-- name: hide
-- Hides dataset $1 from all users; its files are deleted next, then its rows.
UPDATE datasets SET is_active = false WHERE id = $1;

-- name: delete
-- Deletes dataset $1 with everything that belongs to it.
DELETE FROM datasets WHERE id = $1;

-- name: delete_configs
-- Deletes settings that no analysis uses any more.
DELETE FROM analysis_configs WHERE NOT EXISTS (SELECT FROM analyses WHERE config_id = analysis_configs.id);

-- name: hidden
-- Datasets that are being deleted.
SELECT id FROM datasets WHERE NOT is_active;

-- name: usage
-- Bytes of the files of user $1 or key $2 (both null: of the local key), of all, and how many are being received.
SELECT coalesce(sum(file_size) FILTER (WHERE mine), 0)::bigint AS own, coalesce(sum(file_size), 0)::bigint AS total,
       count(*) FILTER (WHERE mine AND status = 'receiving') AS receiving
FROM file_uploads JOIN datasets ON datasets.id = dataset_id
CROSS JOIN LATERAL (SELECT user_id IS NOT DISTINCT FROM $1::uuid AND key_id IS NOT DISTINCT FROM $2::uuid AS mine) own;

-- name: add_upload
-- Begins a file of dataset $1, after its others.
INSERT INTO file_uploads (dataset_id, position, original_filename, file_size, file_path)
SELECT $1, coalesce(max(position), 0) + 1, $2, $3, $4 FROM file_uploads WHERE dataset_id = $1
RETURNING *;

-- name: uploads
-- The files of dataset $1 in their order.
SELECT * FROM file_uploads WHERE dataset_id = $1 ORDER BY position;

-- name: find_upload
-- File $4, if user $1 or key $2 may change its dataset ($3: all).
SELECT file_uploads.* FROM file_uploads JOIN datasets ON datasets.id = dataset_id
WHERE file_uploads.id = $4 AND is_active
  AND ($3 OR coalesce(user_id = $1, false) OR coalesce(key_id = $2, false));

-- name: note_received
-- Notes how many bytes of file $1 have arrived; all of them: it is received.
UPDATE file_uploads
SET received = $2, status = CASE WHEN $2 = file_size THEN 'received' ELSE 'receiving' END,
    received_at = CASE WHEN $2 = file_size THEN now() END
WHERE id = $1 AND status = 'receiving'
RETURNING *;

-- name: delete_upload
-- Deletes file $1.
DELETE FROM file_uploads WHERE id = $1;

-- name: stale_uploads
-- Deletes files whose last bytes are missing since before $1.
DELETE FROM file_uploads WHERE status = 'receiving' AND created_at < $1 RETURNING id;

-- name: queue_reading
-- Queues a job that reads dataset $1 into folder $2, unless one waits already.
INSERT INTO batch_jobs (kind, dataset_id, file_path)
SELECT 'read', $1::uuid, $2::varchar
WHERE NOT EXISTS (SELECT FROM batch_jobs WHERE dataset_id = $1 AND kind = 'read' AND status = 'waiting')
RETURNING id;

-- name: queue_analysis
-- Queues the job of analysis $2 of dataset $1.
INSERT INTO batch_jobs (kind, dataset_id, analysis_id, file_path) VALUES ('analyse', $1, $2, $3) RETURNING id;

-- name: restart
-- Lets jobs wait again that an earlier run of the daemon has not ended.
UPDATE batch_jobs SET status = 'waiting', progress = 0, step = '' WHERE status = 'processing';

-- name: take
-- Takes the oldest job that waits, of a dataset of which none is being done.
UPDATE batch_jobs SET status = 'processing', started_at = now(), attempts = attempts + 1
WHERE id = (SELECT id FROM batch_jobs job
            WHERE status = 'waiting' AND NOT EXISTS (SELECT FROM batch_jobs other
                                                     WHERE other.dataset_id = job.dataset_id
                                                       AND other.status = 'processing')
            ORDER BY created_at LIMIT 1)
RETURNING id, kind, dataset_id, analysis_id, file_path, attempts;

-- name: begin_analysis
-- Notes that analysis $1 is being computed.
UPDATE analyses SET status = 'running' WHERE id = $1 AND status = 'waiting';

-- name: note_progress
-- Notes how far job $1 is.
UPDATE batch_jobs SET progress = $2, step = $3 WHERE id = $1 AND status = 'processing';

-- name: end_job
-- Ends job $1, unless it was cancelled meanwhile.
UPDATE batch_jobs SET status = $2::text, error_message = $3, completed_at = now(),
                      progress = CASE WHEN $2::text = 'completed' THEN 1 ELSE progress END
WHERE id = $1 AND status = 'processing'
RETURNING id;

-- name: cancel_jobs
-- Cancels the jobs of analysis $1.
UPDATE batch_jobs SET status = 'cancelled', completed_at = now()
WHERE analysis_id = $1 AND status IN ('waiting', 'processing')
RETURNING id;

-- name: cancel_dataset
-- Cancels all jobs of dataset $1.
UPDATE batch_jobs SET status = 'cancelled', completed_at = now()
WHERE dataset_id = $1 AND status IN ('waiting', 'processing');

-- name: running
-- Whether job $1 is still wanted.
SELECT status = 'processing' FROM batch_jobs WHERE id = $1;

-- name: put_matrix
-- Puts the matrix that was read of dataset $1 in the place of the former one.
INSERT INTO feature_data (dataset_id, file_path, row_count, columns, metadata) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (dataset_id) DO UPDATE
SET file_path = excluded.file_path, row_count = excluded.row_count, columns = excluded.columns,
    metadata = excluded.metadata, created_at = now()
RETURNING id;

-- name: clear_merged
-- Forgets which files matrix $1 was read from.
DELETE FROM merged_files WHERE feature_data_id = $1;

-- name: add_merged
-- Notes the rows of file $2 in matrix $1.
INSERT INTO merged_files (feature_data_id, upload_id, position, first_row, row_count) VALUES ($1, $2, $3, $4, $5);

-- name: note_reading
-- Stores what was said of the files of dataset $1.
UPDATE datasets SET metadata = $2, updated_at = now() WHERE id = $1;

-- name: note_files
-- Notes for all files of dataset $1 but those still being received whether they could be read.
UPDATE file_uploads
SET status = CASE WHEN $2::text IS NULL THEN 'ready' ELSE 'failed' END, error_message = $2
WHERE dataset_id = $1 AND status <> 'receiving';

-- name: matrix
-- The folder of the matrix of dataset $1.
SELECT file_path FROM feature_data WHERE dataset_id = $1;

-- name: add_config
-- Stores settings of an analysis.
INSERT INTO analysis_configs (baseline_kind, baseline_value, explained_variance, false_alarm_rate, warning_rate,
                              t2_limit, spe_limit, features, excluded)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
RETURNING id;

-- name: add_analysis
-- Stores an analysis that is to be computed.
INSERT INTO analyses (dataset_id, config_id, rerun_of, user_id, key_id, created_by) VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id;

-- name: count_waiting
-- How many analyses of user $1 or key $2 are not completed.
SELECT count(*) FROM analyses
WHERE status IN ('waiting', 'running') AND user_id IS NOT DISTINCT FROM $1::uuid AND key_id IS NOT DISTINCT FROM $2::uuid;

-- name: analyses
-- Analyses that user $1 or key $2 sees ($3: all), the newest first; $4: of this one, $5: of this dataset.
SELECT analyses.id, analyses.dataset_id, datasets.name AS dataset, rerun_of, analyses.status, results, results_path,
       analyses.error_message, analyses.created_by, analyses.created_at, analyses.completed_at, archived_at,
       $3 OR coalesce(datasets.user_id = $1 OR analyses.user_id = $1, false)
          OR coalesce(datasets.key_id = $2 OR analyses.key_id = $2, false) AS is_own,
       coalesce(job.progress, 0) AS progress, coalesce(job.step, '') AS step,
       to_jsonb(analysis_configs) - 'id' - 'created_at' AS config
FROM analyses
JOIN datasets ON datasets.id = analyses.dataset_id
JOIN analysis_configs ON analysis_configs.id = config_id
LEFT JOIN batch_jobs job ON job.analysis_id = analyses.id
WHERE is_active
  AND ($3 OR is_shared OR coalesce(datasets.user_id = $1, false) OR coalesce(datasets.key_id = $2, false))
  AND ($4::uuid IS NULL OR analyses.id = $4) AND ($5::uuid IS NULL OR analyses.dataset_id = $5)
ORDER BY analyses.created_at DESC, analyses.id
LIMIT $6;

-- name: complete_analysis
-- Stores what analysis $1 has found.
UPDATE analyses SET status = 'completed', results = $2, results_path = $3, completed_at = now(), error_message = NULL
WHERE id = $1
RETURNING dataset_id;

-- name: note_analysed
-- Notes that dataset $1 was analysed.
UPDATE datasets SET last_analysis_at = now() WHERE id = $1;

-- name: end_analysis
-- Ends analysis $1 without a result.
UPDATE analyses SET status = $2, error_message = $3, completed_at = now()
WHERE id = $1 AND status IN ('waiting', 'running');

-- name: clear_rows
-- Deletes the rows of analysis $1.
DELETE FROM analysis_rows WHERE analysis_id = $1;

-- name: clear_anomalies
-- Deletes the anomalies of analysis $1.
DELETE FROM anomalies WHERE analysis_id = $1;

-- name: add_anomalies
-- Stores anomalies $2 of analysis $1, the farthest as the latest; they are over, and become no alerts.
INSERT INTO anomalies (
    id, detected_at, ended_at, subject, analysis_id, metric, resource, anomaly_type, category, algorithm_used, severity,
    channel, direction, distance, threshold, value, expected, features, explanation, calculated_metrics, admission)
SELECT gen_random_uuid(), now() - place * interval '1 microsecond', now(), 'analysis/' || $1::uuid || '/' || first_row,
       $1, left(metric, 200), left(resource, 255), 'dataset_anomaly', 'dataset', 't2_spe', severity, channel, direction,
       distance, threshold, value, expected, features, explanation, calculated_metrics,
       'it was found in a dataset: no alert is created'
FROM ROWS FROM (jsonb_to_recordset($2::jsonb) AS (
    first_row bigint, metric text, resource text, severity text, channel text, direction text, distance float8,
    threshold float8, value float8, expected float8, features jsonb, explanation jsonb, calculated_metrics jsonb))
    WITH ORDINALITY AS row (
    first_row, metric, resource, severity, channel, direction, distance, threshold, value, expected, features,
    explanation, calculated_metrics, place);

-- name: add_projection
-- Stores the picture of analysis $1.
INSERT INTO projections (analysis_id, method, x_values, y_values, process_order, levels, parts)
VALUES ($1, 'pca', $2, $3, $4, $5, $6)
ON CONFLICT (analysis_id) DO NOTHING;

-- name: projection
-- The picture of analysis $1.
SELECT x_values, y_values, process_order, levels, parts FROM projections WHERE analysis_id = $1;

-- name: rows
-- Rows of analysis $1 of levels $2, the farthest first.
SELECT row_number, file, line, occurred_at, level, severity, t2, spe, distance, statistic, threshold, features
FROM analysis_rows
WHERE analysis_id = $1 AND level = ANY ($2::text[])
ORDER BY place
LIMIT $3 OFFSET $4;

-- name: count_rows
-- How many rows of analysis $1 have one of levels $2.
SELECT count(*) FROM analysis_rows WHERE analysis_id = $1 AND level = ANY ($2::text[]);

-- name: delete_analysis
-- Deletes analysis $1.
DELETE FROM analyses WHERE id = $1;

-- name: archive
-- Archives up to $2 analyses completed before $1: deletes rows and pictures, keeps the results.
WITH old AS (
    SELECT id FROM analyses WHERE archived_at IS NULL AND completed_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
), rows AS (
    DELETE FROM analysis_rows WHERE analysis_id IN (SELECT id FROM old)
), pictures AS (
    DELETE FROM projections WHERE analysis_id IN (SELECT id FROM old)
)
UPDATE analyses SET archived_at = now(), results_path = NULL WHERE id IN (SELECT id FROM old);

-- name: paths
-- Names of all files and folders that are in use.
SELECT file_path FROM file_uploads
UNION ALL SELECT file_path FROM feature_data
UNION ALL SELECT results_path FROM analyses WHERE results_path IS NOT NULL
UNION ALL SELECT file_path FROM batch_jobs WHERE status IN ('waiting', 'processing');

-- name: config
-- The settings of analysis $1.
SELECT baseline_kind, baseline_value, explained_variance, false_alarm_rate, warning_rate, t2_limit, spe_limit, features,
       excluded
FROM analysis_configs JOIN analyses ON config_id = analysis_configs.id
WHERE analyses.id = $1;
