DROP TABLE deployment_setting;
DROP TABLE retention_rule;
DROP TABLE custom_metric;
DROP SEQUENCE custom_metric_id;
