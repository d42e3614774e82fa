DROP TABLE machine_configurations;
DROP TABLE feedback;
DROP TABLE anomalies;
DROP TABLE ml_models;
DROP TABLE alert_rules;
