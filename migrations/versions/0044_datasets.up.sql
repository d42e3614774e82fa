-- Uploaded files, the datasets made of them, and analyses (docs/datasets.md). Large contents are files below
-- `data_dir/datasets`; the columns `file_path`, `results_path` hold their random names.

CREATE TABLE datasets (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id          uuid REFERENCES users (id) ON DELETE SET NULL,
    key_id           uuid REFERENCES api_keys (id) ON DELETE SET NULL,
    created_by       varchar(100) NOT NULL,
    name             varchar(100) NOT NULL,
    description      text NOT NULL DEFAULT '',
    tags             text[] NOT NULL DEFAULT '{}',
    metadata         jsonb NOT NULL DEFAULT '{}',       -- of the latest reading: rows, faults, remarks
    is_shared        boolean NOT NULL DEFAULT false,
    is_active        boolean NOT NULL DEFAULT true,     -- false: being deleted, its files are next
    last_analysis_at timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT datasets_have_at_most_one_owner CHECK (num_nonnulls(user_id, key_id) <= 1) -- none: administrators'
);
CREATE INDEX datasets_user ON datasets (user_id);
CREATE INDEX datasets_key ON datasets (key_id);
CREATE INDEX datasets_created ON datasets (created_at DESC, id);
CREATE TRIGGER datasets_updated_at BEFORE UPDATE ON datasets FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at) EXECUTE FUNCTION set_updated_at();

CREATE TABLE file_uploads (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    dataset_id        uuid NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    position          integer NOT NULL,                 -- order of the files of a dataset
    original_filename varchar(255) NOT NULL,
    file_size         bigint NOT NULL CHECK (file_size > 0),
    received          bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND file_size),
    file_path         varchar(64) NOT NULL UNIQUE,
    status            varchar(20) NOT NULL DEFAULT 'receiving'
        CHECK (status IN ('receiving', 'received', 'ready', 'failed')),
    error_message     text,
    created_at        timestamptz NOT NULL DEFAULT now(),
    received_at       timestamptz,
    UNIQUE (dataset_id, position)
);

CREATE TABLE feature_data (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    dataset_id uuid NOT NULL UNIQUE REFERENCES datasets (id) ON DELETE CASCADE,
    file_path  varchar(64) NOT NULL UNIQUE,             -- folder with the matrix of the values
    row_count  bigint NOT NULL,
    columns    jsonb NOT NULL,                          -- name, kind, missing, lowest and highest value
    metadata   jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE merged_files (
    feature_data_id uuid NOT NULL REFERENCES feature_data (id) ON DELETE CASCADE,
    upload_id       uuid NOT NULL REFERENCES file_uploads (id) ON DELETE CASCADE,
    position        integer NOT NULL,
    first_row       bigint NOT NULL,
    row_count       bigint NOT NULL,
    PRIMARY KEY (feature_data_id, upload_id)
);
CREATE INDEX merged_files_upload ON merged_files (upload_id);

CREATE TABLE analysis_configs (
    id                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    baseline_kind      varchar(20) NOT NULL CHECK (baseline_kind IN ('share', 'rows', 'until', 'files')),
    baseline_value     double precision NOT NULL,       -- `until`: seconds since 1970
    explained_variance double precision NOT NULL CHECK (explained_variance > 0 AND explained_variance <= 1),
    false_alarm_rate   double precision NOT NULL CHECK (false_alarm_rate > 0 AND false_alarm_rate < 1),
    warning_rate       double precision NOT NULL CHECK (warning_rate >= false_alarm_rate AND warning_rate < 1),
    t2_limit           double precision CHECK (t2_limit > 0),
    spe_limit          double precision CHECK (spe_limit > 0),
    features           text[] NOT NULL DEFAULT '{}',
    excluded           text[] NOT NULL DEFAULT '{}',
    projection         varchar(20) NOT NULL DEFAULT 'pca' CHECK (projection IN ('pca')),
    created_at         timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE analyses (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    dataset_id    uuid NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    config_id     uuid NOT NULL REFERENCES analysis_configs (id),
    rerun_of      uuid REFERENCES analyses (id) ON DELETE SET NULL,
    user_id       uuid REFERENCES users (id) ON DELETE SET NULL,
    key_id        uuid REFERENCES api_keys (id) ON DELETE SET NULL,
    analysis_type varchar(20) NOT NULL DEFAULT 't2_spe' CHECK (analysis_type IN ('t2_spe')),
    status        varchar(20) NOT NULL DEFAULT 'waiting'
        CHECK (status IN ('waiting', 'running', 'completed', 'failed', 'cancelled')),
    results       jsonb,                                -- counts, limits, leading features
    results_path  varchar(64) UNIQUE,                   -- folder with the distances of all rows
    error_message text,
    created_by    varchar(100) NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    completed_at  timestamptz,
    archived_at   timestamptz                           -- rows and picture are deleted, the results stay
);
CREATE INDEX analyses_dataset ON analyses (dataset_id, created_at DESC);
CREATE INDEX analyses_config ON analyses (config_id);
CREATE INDEX analyses_rerun ON analyses (rerun_of) WHERE rerun_of IS NOT NULL;
CREATE INDEX analyses_user ON analyses (user_id);
CREATE INDEX analyses_key ON analyses (key_id);
CREATE INDEX analyses_to_archive ON analyses (completed_at) WHERE archived_at IS NULL;

CREATE TABLE analysis_rows (
    analysis_id uuid NOT NULL REFERENCES analyses (id) ON DELETE CASCADE,
    row_number  bigint NOT NULL,                        -- in the dataset, from 1
    place       integer NOT NULL,                       -- the farthest is 1
    file        varchar(255) NOT NULL,
    line        bigint NOT NULL,
    occurred_at timestamptz,
    level       varchar(20) NOT NULL CHECK (level IN ('warning', 'anomalous')),
    severity    varchar(20) CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    t2          double precision NOT NULL,
    spe         double precision NOT NULL,
    distance    double precision NOT NULL,              -- in limits: above 1 it is anomalous
    statistic   varchar(3) NOT NULL CHECK (statistic IN ('T2', 'SPE')),
    threshold   double precision NOT NULL,
    features    jsonb NOT NULL,                         -- name, value, expected, share, shift
    PRIMARY KEY (analysis_id, place)
);

CREATE TABLE projections (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    analysis_id   uuid NOT NULL UNIQUE REFERENCES analyses (id) ON DELETE CASCADE,
    method        varchar(20) NOT NULL CHECK (method IN ('pca')),
    x_values      real[] NOT NULL,
    y_values      real[] NOT NULL,
    process_order bigint[] NOT NULL,                    -- the rows of the points
    levels        text[] NOT NULL,
    parts         text[] NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT projections_are_complete CHECK (
        cardinality(x_values) = cardinality(y_values) AND cardinality(x_values) = cardinality(process_order)
        AND cardinality(x_values) = cardinality(levels) AND cardinality(x_values) = cardinality(parts))
);

CREATE TABLE batch_jobs (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind          varchar(20) NOT NULL CHECK (kind IN ('read', 'analyse')),
    dataset_id    uuid NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    analysis_id   uuid REFERENCES analyses (id) ON DELETE CASCADE,
    file_path     varchar(64) NOT NULL,                 -- folder that the job writes
    status        varchar(20) NOT NULL DEFAULT 'waiting'
        CHECK (status IN ('waiting', 'processing', 'completed', 'failed', 'cancelled')),
    progress      real NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
    step          varchar(50) NOT NULL DEFAULT '',
    attempts      integer NOT NULL DEFAULT 0,
    error_message text,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at    timestamptz,
    completed_at  timestamptz,
    CONSTRAINT batch_jobs_analyse_something CHECK ((kind = 'analyse') = (analysis_id IS NOT NULL))
);
CREATE INDEX batch_jobs_open ON batch_jobs (created_at) WHERE status IN ('waiting', 'processing');
CREATE INDEX batch_jobs_dataset ON batch_jobs (dataset_id, created_at DESC);
CREATE INDEX batch_jobs_analysis ON batch_jobs (analysis_id) WHERE analysis_id IS NOT NULL;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['datasets', 'file_uploads', 'feature_data', 'merged_files', 'analysis_configs',
                                'analyses', 'analysis_rows', 'projections', 'batch_jobs'] LOOP
        EXECUTE format('CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch()', name);
    END LOOP;
END $$;

UPDATE roles SET permissions = permissions || ARRAY['datasets:read', 'datasets:write']
WHERE name IN ('admin', 'operator');
UPDATE roles SET permissions = permissions || ARRAY['datasets:read'] WHERE name = 'viewer';
