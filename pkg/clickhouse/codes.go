package clickhouse

// Hints that several verdicts share.
const (
	queryHint   = "ClickHouse refuses this statement: check the query's filters and the table's columns; if they are right, please report this as a fault of the plugin."
	slowHint    = "Shorten the time range or narrow the filters; for larger data raise queryTimeout in the data source's settings."
	tooMuchHint = "Shorten the time range, narrow the filters, lower the query's limit or, for a time series, widen its interval; rowLimit in the data source's settings may be raised up to 1,000,000."
	busyHint    = "ClickHouse has no room for this statement now: run it again later, or have its administrator raise the limit or quota."
	memoryHint  = "Shorten the time range or narrow the filters; if ClickHouse has memory to spare, raise max_memory_usage under customSettings in the data source's settings."
	brokenHint  = "The server broke the connection off: check that ClickHouse is up and was not restarted, and look into its log."
	secureHint  = "The port speaks TLS: switch on secure in the data source's settings."
	columnHint  = "The table has changed: check the data source's column mapping, and save its settings again so that the table is read anew."
)

const (
	codeUnknownSetting = 115
	codeReadonly       = 164
	codeConstraint     = 452
)

// codes are ClickHouse's error codes that are not the statement's own fault:
// https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp.
var codes = map[int32]verdict{
	192: {Auth, "Check the user name in the data source's settings: ClickHouse has no such user."},                             // UNKNOWN_USER
	193: {Auth, "Check the password in the data source's settings."},                                                           // WRONG_PASSWORD
	194: {Auth, "The user needs a password: set it in the data source's settings."},                                            // REQUIRED_PASSWORD
	195: {Auth, "ClickHouse does not let the user in from this machine's address: its administrator must allow it."},           // IP_ADDRESS_NOT_ALLOWED
	516: {Auth, "Check the user name and password in the data source's settings, and from where ClickHouse lets the user in."}, // AUTHENTICATION_FAILED

	codeReadonly:   {Permission, "The user may only read and may not change settings: remove customSettings from the data source's settings, or use a user whose profile has readonly=0 or readonly=2."},                                             // READONLY
	291:            {Permission, "ClickHouse does not let the user use this database: its administrator must grant it."},                                                                                                                             // DATABASE_ACCESS_DENIED
	codeConstraint: {Permission, "The user's profile does not allow this value of the setting: lower queryTimeout, rowLimit or the entry under customSettings (such as max_memory_usage) in the data source's settings to what the profile allows."}, // SETTING_CONSTRAINT_VIOLATION
	497:            {Permission, "The user lacks a right: ClickHouse's administrator must give it, such as GRANT SELECT ON the events table TO the user."},                                                                                           // ACCESS_DENIED

	10:  {Schema, columnHint},                                                                                                   // NOT_FOUND_COLUMN_IN_BLOCK
	16:  {Schema, columnHint},                                                                                                   // NO_SUCH_COLUMN_IN_TABLE
	47:  {Schema, columnHint},                                                                                                   // UNKNOWN_IDENTIFIER
	60:  {Schema, "Check database and table in the data source's settings, or create the table with `fluxhound schema apply`."}, // UNKNOWN_TABLE
	81:  {Schema, "Check database in the data source's settings, or create it with `fluxhound schema apply`."},                  // UNKNOWN_DATABASE
	218: {Schema, "The table was just dropped: check database and table in the data source's settings."},                        // TABLE_IS_DROPPED

	159: {Timeout, slowHint}, // TIMEOUT_EXCEEDED
	160: {Timeout, slowHint}, // TOO_SLOW

	161: {Limit, "The profile of ClickHouse's user limits columns (max_columns_to_read): have its administrator raise it."},                                // TOO_MANY_COLUMNS
	162: {Limit, "The profile of ClickHouse's user limits subqueries (max_subquery_depth): have its administrator raise it."},                              // TOO_DEEP_SUBQUERIES
	165: {Limit, "The profile of ClickHouse's user limits columns (max_temporary_columns): have its administrator raise it."},                              // TOO_MANY_TEMPORARY_COLUMNS
	166: {Limit, "The profile of ClickHouse's user limits columns (max_temporary_non_const_columns): have its administrator raise it."},                    // TOO_MANY_TEMPORARY_NON_CONST_COLUMNS
	167: {Limit, "Filter by fewer values, or have ClickHouse's administrator raise max_ast_depth and max_parser_depth in the user's profile."},             // TOO_DEEP_AST
	168: {Limit, "Filter by fewer values, or have ClickHouse's administrator raise max_ast_elements and max_expanded_ast_elements in the user's profile."}, // TOO_BIG_AST
	306: {Limit, "Filter by fewer values, or have ClickHouse's administrator raise max_parser_depth in the user's profile."},                               // TOO_DEEP_RECURSION

	158: {Limit, tooMuchHint}, // TOO_MANY_ROWS
	191: {Limit, tooMuchHint}, // SET_SIZE_LIMIT_EXCEEDED
	201: {Limit, busyHint},    // QUOTA_EXCEEDED
	202: {Limit, busyHint},    // TOO_MANY_SIMULTANEOUS_QUERIES
	241: {Limit, memoryHint},  // MEMORY_LIMIT_EXCEEDED
	290: {Limit, busyHint},    // LIMIT_EXCEEDED
	307: {Limit, tooMuchHint}, // TOO_MANY_BYTES
	396: {Limit, tooMuchHint}, // TOO_MANY_ROWS_OR_BYTES
	439: {Limit, busyHint},    // CANNOT_SCHEDULE_TASK
	745: {Limit, busyHint},    // SERVER_OVERLOADED

	209: {Network, "A server of ClickHouse's cluster does not answer another: its administrator must look into it."}, // SOCKET_TIMEOUT
	210: {Network, "A server of ClickHouse's cluster cannot reach another: its administrator must look into it."},    // NETWORK_ERROR
	279: {Network, "A server of ClickHouse's cluster cannot reach another: its administrator must look into it."},    // ALL_CONNECTION_TRIES_FAILED

	codeUnknownSetting: {Query, "ClickHouse does not know this setting: correct customSettings in the data source's settings."},        // UNKNOWN_SETTING
	394:                {Query, "Somebody, or a rule of ClickHouse's, stopped the statement: run it again, or ask its administrator."}, // QUERY_WAS_CANCELLED
}
