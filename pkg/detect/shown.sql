{{- if .Ignore}}
-- The allowlist is ignored: every finding is shown, with the entry that hides it.
shown AS
(
    SELECT *, arrayElement({{.Labels}}, AllowedBy) AS Allowlisted
    FROM marked
)
{{- else}}
-- The findings that the allowlist leaves, with the number of those that it hides. Where it leaves none, one that it hides
-- stands for that number, and is not shown.
shown AS
(
    SELECT *, toInt64(AllowedBy > 0) AS OnlyHidden
    FROM
    (
        SELECT
            *,
            toInt64(countIf(AllowedBy > 0) OVER ()) AS HiddenFindings,
            row_number() OVER (ORDER BY AllowedBy > 0) AS ShownRow
        FROM marked
    )
    WHERE AllowedBy = 0 OR ShownRow = 1
)
{{- end}}
