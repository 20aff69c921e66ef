,
-- Which entry of the allowlist hides a finding.
marked AS
(
    SELECT
        *,
        {{.Condition}}
    FROM {{.From}}
),
