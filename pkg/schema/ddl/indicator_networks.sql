-- The networks of the table above that have not expired, as a trie: whether an address lies in any of them. Read anew every five
-- minutes, and at once by SYSTEM RELOAD DICTIONARY. Where the user default has a password, its name and password belong into
-- SOURCE. Whoever queries needs the right dictGet on the dictionary.
CREATE DICTIONARY IF NOT EXISTS {{.Networks}}
(
    `Network`    String,
    `Confidence` UInt8 DEFAULT 0
)
PRIMARY KEY `Network`
SOURCE(CLICKHOUSE(QUERY {{.NetworksQuery}}))
LAYOUT(IP_TRIE)
LIFETIME(MIN 240 MAX 300)
