,
-- How much of the window each row stands for: a sampled event stands for as many as its sensor and interval have of each.
shares AS
(
    SELECT
        counted.Source AS Source,
        counted.Bucket AS Bucket,
        Detector,
        Reason,
        Events,
        Devices,
        Examples,
        sumIf(Events, Detector = '' AND Reason = 'sampled') OVER (PARTITION BY Source, Bucket) AS Sampled,
        totals.Total AS Total,
        {{if .BySource}}Total{{else}}sumIf(Total, Detector = '' AND Reason = 'sampled') OVER (PARTITION BY Bucket){{end}} AS Whole,
        Events * Total / Sampled AS Weight
    FROM counted
    INNER JOIN totals ON counted.Source = totals.Source AND counted.Bucket = totals.Bucket
    WHERE Reason != 'future'
)
