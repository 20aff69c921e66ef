CREATE MATERIALIZED VIEW IF NOT EXISTS {{.View}}{{with .Cluster}} ON CLUSTER {{.}}{{end}} TO {{.Rollup}} AS
{{.Select}}
