-- What administrators set about deployments while servers run: declared (custom) metrics, retention, what becomes of undeclared metrics. A deployment '*' is
-- all. Whoever changes these raises identity_version in the same transaction. Times are nanoseconds since 1970 (UTC).

CREATE SEQUENCE custom_metric_id;

CREATE TABLE custom_metric (
  id          bigint PRIMARY KEY DEFAULT nextval('custom_metric_id'),
  deployment  text   NOT NULL,
  name        text   NOT NULL,  -- or a pattern
  unit        text   NOT NULL,
  description text   NOT NULL,
  least       double precision, -- NULL: no bound
  most        double precision,
  created_at  bigint NOT NULL,
  created_by  text   NOT NULL,
  changed_at  bigint NOT NULL,
  changed_by  text   NOT NULL,
  UNIQUE (deployment, name)
);

-- Before the rules of the configuration.
CREATE TABLE retention_rule (
  deployment text     NOT NULL,
  kind       smallint NOT NULL CHECK (kind IN (1, 2)),  -- 1 logs, 2 metrics
  max_age_ns bigint   NOT NULL,                         -- 0: for ever
  max_bytes  bigint   NOT NULL,                         -- 0: no limit
  changed_at bigint   NOT NULL,
  changed_by text     NOT NULL,
  PRIMARY KEY (deployment, kind)
);

CREATE TABLE deployment_setting (
  deployment         text PRIMARY KEY,
  undeclared_metrics text NOT NULL CHECK (undeclared_metrics IN ('taken', 'refused'))
);
