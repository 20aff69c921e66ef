-- Row out: one sensor, detector and reason: how many of its sampled events have it, what it means and what to do.
SELECT
    Source,
    transform(Detector, {profile_detectors:Array(String)}, {profile_labels:Array(String)}, Detector) AS Detector,
    Reason,
    toFloat64(Events / Sampled) AS Share,
    Events,
    toInt64(Sampled) AS Sampled,
    Total AS EventsInWindow,
    Devices,
    Examples,
    transform(Reason, {profile_reasons:Array(String)}, {profile_meanings:Array(String)}, '') AS Meaning,
    transform(Reason, {profile_reasons:Array(String)}, {profile_fixes:Array(String)}, '') AS Fix
FROM shares
WHERE Reason != 'sampled'
ORDER BY Total DESC, Source, Detector, Events DESC, Reason
LIMIT {limit:Int64}
