DROP TABLE state_snapshots;
DROP TABLE performance_metrics;
DROP TABLE report_jobs;
DROP TABLE maintenance_reports;
