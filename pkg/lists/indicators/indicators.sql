-- How many indicators each source has that hold now, and how many that have expired.
-- Row out: one source, and what is asked of the dictionaries: that they can be read.
SELECT
    toString(Source) AS Source,
    toString(countIf(Expires > now())) AS Holding,
    toString(countIf(Expires <= now())) AS Expired,
    toString(toUnixTimestamp(max(Imported))) AS Newest,
    toString(dictHas({indicatorNetworks:String}, toIPv6('::1')) OR dictHas({indicatorNames:String}, toUInt64(0))) AS Readable
FROM {{.}} FINAL
GROUP BY Source
ORDER BY count() DESC, Source
LIMIT {limit:Int64}
