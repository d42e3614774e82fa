-- Anomalies that an analysis of a dataset has found go with it (docs/datasets.md).

DELETE FROM anomalies
WHERE analysis_id IS NOT NULL AND NOT EXISTS (SELECT FROM analyses WHERE analyses.id = analysis_id);
ALTER TABLE anomalies
    ADD CONSTRAINT anomalies_analysis_id_fkey FOREIGN KEY (analysis_id) REFERENCES analyses (id) ON DELETE CASCADE;
