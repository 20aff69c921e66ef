-- What a database holds, as far as the user may see it.
-- Row out:  one table or view.
SELECT
    name AS Name,
    engine AS Engine,
    sorting_key AS OrderBy,
    partition_key AS Partition,
    create_table_query AS Made,
    comment AS Comment,
    -- for people; empty where it holds nothing by itself
    if(ifNull(total_bytes, 0) > 0, formatReadableSize(ifNull(total_bytes, 0)), '') AS Size
FROM system.tables
WHERE database = {database:String}
