ALTER TABLE anomalies DROP CONSTRAINT anomalies_analysis_id_fkey;
DELETE FROM anomalies WHERE analysis_id IS NOT NULL;
