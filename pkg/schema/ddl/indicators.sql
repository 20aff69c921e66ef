-- What lists of threat intelligence name: one row is what one source says of one network, domain, host or URL. Fill it with
-- `fluxhound intel import`. A line that comes again brings its row up to date, and counts nothing twice; running this again
-- changes nothing.
CREATE TABLE IF NOT EXISTS {{.Table}}
(
    `Kind`       Enum8('network' = 1, 'domain' = 2, 'host' = 3, 'url' = 4) COMMENT 'domain: names under it as well; host: that name alone',
    `Value`      String COMMENT 'as findings are compared with it: CIDR, a name in lower case, or host and path of a URL',
    `Source`     LowCardinality(String) COMMENT 'whose list it is',
    `Threat`     SimpleAggregateFunction(anyLast, String) COMMENT 'what it is said to be, such as the name of a malware',
    `Confidence` SimpleAggregateFunction(anyLast, UInt8) COMMENT '0 to 100',
    `FirstSeen`  SimpleAggregateFunction(min, Nullable(DateTime('UTC'))) COMMENT 'by the source',
    `LastSeen`   SimpleAggregateFunction(max, Nullable(DateTime('UTC'))) COMMENT 'by the source',
    `Expires`    SimpleAggregateFunction(anyLast, DateTime('UTC')) COMMENT 'it finds nothing from then on',
    `Reference`  SimpleAggregateFunction(anyLast, String) COMMENT 'where to read about it',
    `Flag`       SimpleAggregateFunction(anyLast, String) COMMENT 'why it says little by itself; empty where it may be believed',
    `Added`      SimpleAggregateFunction(min, DateTime('UTC')) COMMENT 'when it was imported first',
    `Imported`   SimpleAggregateFunction(max, DateTime('UTC')) COMMENT 'when it was imported last'
)
ENGINE = AggregatingMergeTree
ORDER BY (`Kind`, `Value`, `Source`)
