-- The host of each connection takes the place of its name: that of RemoteUrl, or where it has none the address itself.
hosts AS
(
    SELECT
        * EXCEPT (RemoteIP, RemoteUrl),
        {{if .IncludeIPv6}}RemoteIPCanonical{{else}}RemoteIP{{end}} AS Address,
        {{.Host}} AS UrlHost,
        IPv4NumToString(IPv4StringToNumOrDefault(UrlHost)) = UrlHost AS IsAddress,
        UrlHost = '' OR NOT IsAddress AND (position(UrlHost, '.') = 0 OR arrayExists(domain -> UrlHost = domain OR endsWith(UrlHost, concat('.', domain)), {beaconing_internalDomains:Array(String)})) AS IsInternal
    FROM mapped
),
named AS
(
    SELECT
        *,
        if(UrlHost = '', Address, UrlHost) AS RemoteUrl,
        -- a name of the internet is public whatever the address, which may be a proxy's
        NOT IsInternal AND NOT IsAddress AS IsName,
        -- a host that is an address must be public, and so must the address of an internal name
        if(IsInternal, Address, UrlHost) AS Judged,
        {{.Number}} AS JudgedNumber
    FROM hosts
)
