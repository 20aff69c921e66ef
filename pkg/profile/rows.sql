-- One row a sensor, rule and reason, with how many events the sensor has in the window and in the sample.
SELECT
    counted.Source AS Source,
    Detector,
    Reason,
    Events,
    Devices,
    Oldest,
    Newest,
    Examples,
    totals.Total AS Total
FROM counted
LEFT JOIN totals ON counted.Source = totals.Source AND counted.Bucket = totals.Bucket
ORDER BY Total DESC, Source, Detector, Events DESC, Reason
