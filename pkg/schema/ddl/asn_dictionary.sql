-- The table above as a trie: an address is looked up in the longest prefix that holds it. It is read anew every day at
-- latest, and at once by SYSTEM RELOAD DICTIONARY. Where the user default has a password, its name and password belong into
-- SOURCE. Whoever queries needs the right dictGet on the dictionary.
CREATE DICTIONARY IF NOT EXISTS {{.Dictionary}}
(
    `Prefix` String,
    `ASN`    UInt32 DEFAULT 0,
    `Name`   String DEFAULT ''
)
PRIMARY KEY `Prefix`
SOURCE(CLICKHOUSE(DB {{.DatabaseText}} TABLE {{.PrefixesText}}))
LAYOUT(IP_TRIE)
LIFETIME(MIN 3600 MAX 86400)
