-- Rules over measured values, what is out of the ordinary, and what people say of it (docs/anomalies.md).

CREATE TABLE alert_rules (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name             varchar(100) NOT NULL UNIQUE,
    description      text NOT NULL DEFAULT '',
    enabled          boolean NOT NULL DEFAULT true,
    scope            jsonb NOT NULL DEFAULT '{}',
    metric           varchar(200) NOT NULL DEFAULT '',  -- shell pattern; empty: the rule has an expression
    resource         varchar(255) NOT NULL DEFAULT '*',
    expression       text NOT NULL DEFAULT '',
    direction        varchar(10) NOT NULL DEFAULT 'above' CHECK (direction IN ('above', 'below')),
    warning          float8,
    critical         float8,
    hysteresis       float8 NOT NULL DEFAULT 0 CHECK (hysteresis >= 0),
    samples          integer NOT NULL DEFAULT 1 CHECK (samples BETWEEN 1 AND 1000),
    category         varchar(50),
    alert_type       varchar(100),
    hold_back        boolean NOT NULL DEFAULT false,    -- anomalies of these series become no alerts
    provisioned_from text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT alert_rules_one_subject CHECK ((metric = '') <> (expression = ''))
);
CREATE TRIGGER alert_rules_updated_at BEFORE UPDATE ON alert_rules FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON alert_rules
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();

-- Versions of the detector's configuration; a version in production is the one that runs.
CREATE TABLE ml_models (
    id                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    algorithm          varchar(50) NOT NULL,
    version            integer NOT NULL CHECK (version > 0),
    machine_type       varchar(100),                    -- a device type; null: all devices
    hyperparameters    jsonb NOT NULL,
    metrics            jsonb NOT NULL DEFAULT '{}',
    training_data_info jsonb NOT NULL DEFAULT '{}',
    artifact_path      text,
    artifact_sha256    char(64),
    status             varchar(20) NOT NULL DEFAULT 'registered' CHECK (
        status IN ('training', 'evaluating', 'registered', 'production', 'deprecated')),
    trained_at         timestamptz,
    promoted_at        timestamptz,
    promoted_by        varchar(100),
    created_at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ml_models_version UNIQUE (algorithm, version),
    CONSTRAINT ml_models_artifact CHECK ((artifact_path IS NULL) = (artifact_sha256 IS NULL))
);
CREATE UNIQUE INDEX ml_models_one_in_production ON ml_models (coalesce(machine_type, ''))
    WHERE status = 'production';
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON ml_models
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();

-- Device, metric and resource are kept with the row: a series may be deleted before its anomalies.
CREATE TABLE anomalies (
    id                 uuid NOT NULL,
    detected_at        timestamptz NOT NULL,            -- time of the value; with the id it is made of the subject
    ended_at           timestamptz,
    subject            text NOT NULL,                   -- what is open at most once: series and kind, rule, group
    series_id          integer,
    analysis_id        uuid,
    group_id           uuid,                            -- the anomaly that this one is a member of
    device_key         varchar(255) NOT NULL DEFAULT '',
    device_name        varchar(255) NOT NULL DEFAULT '',
    site               varchar(100) NOT NULL DEFAULT '',
    metric             varchar(200) NOT NULL DEFAULT '',
    resource           varchar(255) NOT NULL DEFAULT '',
    unit               varchar(50) NOT NULL DEFAULT '',
    anomaly_type       varchar(100) NOT NULL,           -- alert type of its alert
    category           varchar(50) NOT NULL DEFAULT 'unknown',
    algorithm_used     varchar(50) NOT NULL DEFAULT 'threshold',
    model_id           uuid REFERENCES ml_models (id) ON DELETE SET NULL,
    rule_id            uuid REFERENCES alert_rules (id) ON DELETE SET NULL,
    severity           varchar(10) NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    status             varchar(20) NOT NULL DEFAULT 'detected' CHECK (
        status IN ('detected', 'acknowledged', 'resolved', 'false_positive')),
    channel            varchar(30) NOT NULL DEFAULT '',
    direction          varchar(10) NOT NULL DEFAULT '',
    hour_bucket        smallint,
    score              float8 CHECK (score BETWEEN 0 AND 1),
    confidence         float8 CHECK (confidence BETWEEN 0 AND 1),
    distance           float8,
    threshold          float8,
    value              float8,
    expected           float8,
    members            integer NOT NULL DEFAULT 0,
    rule_violations    jsonb NOT NULL DEFAULT '[]',
    features           jsonb NOT NULL DEFAULT '{}',
    explanation        jsonb NOT NULL DEFAULT '{}',
    sensor_data        jsonb NOT NULL DEFAULT '{}',
    calculated_metrics jsonb NOT NULL DEFAULT '{}',
    is_admitted        boolean NOT NULL DEFAULT false,  -- it became an alert; else it is in the digest
    admission          text NOT NULL DEFAULT '',        -- why, or why not
    alert_id           uuid,
    alert_state        varchar(10) NOT NULL DEFAULT 'none' CHECK (
        alert_state IN ('none', 'raise', 'raised', 'clear', 'cleared')),
    assigned_to        varchar(100),
    acknowledged_by    varchar(100),
    acknowledged_at    timestamptz,
    resolved_by        varchar(100),
    is_false_positive  boolean,
    updated_at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, detected_at),
    CONSTRAINT anomalies_end_after_begin CHECK (ended_at >= detected_at),
    CONSTRAINT anomalies_times_are_finite CHECK (isfinite(detected_at) AND isfinite(ended_at))
) PARTITION BY RANGE (detected_at);
-- The daemon makes monthly partitions ahead (anomalies_y2026m12) and drops old ones.
CREATE TABLE anomalies_default PARTITION OF anomalies DEFAULT;
CREATE INDEX anomalies_listed ON anomalies (detected_at DESC, id DESC);
CREATE INDEX anomalies_open ON anomalies (subject) WHERE ended_at IS NULL;
CREATE INDEX anomalies_to_report ON anomalies (detected_at) WHERE alert_state IN ('raise', 'clear');
CREATE INDEX anomalies_raised ON anomalies (id) WHERE alert_state = 'raised';
CREATE INDEX anomalies_severity ON anomalies (severity, detected_at DESC);
CREATE INDEX anomalies_status ON anomalies (status, detected_at DESC);
CREATE INDEX anomalies_device ON anomalies (device_key, detected_at DESC);
CREATE INDEX anomalies_group ON anomalies (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX anomalies_model ON anomalies (model_id) WHERE model_id IS NOT NULL;
CREATE INDEX anomalies_rule ON anomalies (rule_id) WHERE rule_id IS NOT NULL;
CREATE INDEX anomalies_analysis ON anomalies (analysis_id) WHERE analysis_id IS NOT NULL;
CREATE TRIGGER anomalies_updated_at BEFORE UPDATE ON anomalies FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON anomalies
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();

-- What people have said; the anomaly may be deleted before.
CREATE TABLE feedback (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    anomaly_id       uuid NOT NULL,
    series_id        integer,
    device_key       varchar(255) NOT NULL DEFAULT '',
    device_type      varchar(100) NOT NULL DEFAULT '',
    metric           varchar(200) NOT NULL DEFAULT '',
    channel          varchar(30) NOT NULL DEFAULT '',
    direction        varchar(10) NOT NULL DEFAULT '',
    is_true_positive boolean NOT NULL,
    notes            text NOT NULL DEFAULT '',
    user_name        varchar(100) NOT NULL,
    at               timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT feedback_one_of_each UNIQUE (anomaly_id, user_name)
);
CREATE INDEX feedback_at ON feedback (at DESC);
CREATE INDEX feedback_kind ON feedback (device_type, metric) WHERE NOT is_true_positive;
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON feedback
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();

-- What is ordinary for a type of machine, learned from its devices; people may correct it.
CREATE TABLE machine_configurations (
    id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    machine_type        varchar(100) NOT NULL UNIQUE,
    baselines           jsonb NOT NULL DEFAULT '{}',    -- by metric: median, variation, unit, number of series
    operational_pattern jsonb NOT NULL DEFAULT '{}',
    thresholds          jsonb NOT NULL DEFAULT '{}',
    learned_at          timestamptz,
    updated_at          timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER machine_configurations_updated_at BEFORE UPDATE ON machine_configurations FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON machine_configurations
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();
