-- The host of each connection: that of RemoteUrl, or where it has no name the address itself.
hosts AS
(
    SELECT
        *,
        -- a host is an address where it holds a colon, or is an IPv4's text
        position(UrlHost, ':') > 0 OR IPv4NumToString(IPv4StringToNumOrDefault(UrlHost)) = UrlHost AS IsAddress,
        -- a name without a dot means another host in each network: it is none here
        NOT IsAddress AND position(UrlHost, '.') = 0 AS IsNone,
        IsNone OR NOT IsAddress AND arrayExists(domain -> UrlHost = domain OR endsWith(UrlHost, concat('.', domain)), { {{- .Prefix}}_internalDomains:Array(String)}) AS IsInternal
    FROM (SELECT *, {{.Host}} AS UrlHost FROM {{.From}})
),
judged AS
(
    SELECT
        *,
        if(IsNone, RemoteAddress, UrlHost) AS Host,
        -- a name of the internet is public whatever the address, which may be a proxy's
        NOT IsInternal AND NOT IsAddress AS IsName,
        -- a host that is an address must be public, and so must the address of an internal name
        if(IsInternal, {{if .IncludeIPv6}}RemoteAddress{{else}}if(position(RemoteAddress, ':') > 0, '', RemoteAddress){{end}}, UrlHost) AS Judged,
        if(IsName, NULL, {{.Number}}) AS JudgedNumber
    FROM hosts
)
