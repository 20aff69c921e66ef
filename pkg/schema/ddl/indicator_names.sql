-- The names and URLs of the table above that have not expired, by a hash of 64 bits: whether there is one. What is found is compared
-- with the table itself, so that two which share a hash are told apart.
CREATE DICTIONARY IF NOT EXISTS {{.Names}}
(
    `Hash`       UInt64,
    `Confidence` UInt8 DEFAULT 0
)
PRIMARY KEY `Hash`
SOURCE(CLICKHOUSE(QUERY {{.NamesQuery}}))
LAYOUT(HASHED)
LIFETIME(MIN 240 MAX 300)
