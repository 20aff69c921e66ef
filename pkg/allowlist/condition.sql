-- The number of the entry that hides a finding, or 0. An entry hides it only where each of the entry's fields fits every
-- one of the finding's values: never a part of them, and never a value that is not known.
-- Rows in:  findings with EveryUrl, EveryAddress, EveryProcess and EveryDevice.
-- Parameters: the entries, field by field, where the empty text fits all; they are sorted by anchor, the field that they
-- are looked up by, and stand from … to - 1.
arrayMap(url -> {{.Host}}, EveryUrl) AS AllowHosts,
arrayMap(address -> {{.Address}}, EveryAddress) AS AllowAddresses,
arrayMap(process -> lower(process), EveryProcess) AS AllowProcesses,
-- What an entry may be anchored to. Any of the values serves, for an entry must fit all.
arrayConcat(
    arrayMap(domain -> concat('d', domain), arrayPushFront({{.Endings}}, AllowHosts[1])),
    if({{.First}} = '', [], arrayMap(bits -> concat('n', toString(bits), ' ', hex(tupleElement(IPv6CIDRToRange(toIPv6OrDefault(EveryAddress[1]), toUInt8(bits)), 1))), {{ .lengths }})),
    [concat('p', AllowProcesses[1]), concat('v', EveryDevice[1].1), concat('v', EveryDevice[1].2)]
) AS AllowAnchors,
arrayFirst(
    entry ->
        ({{ .detectors }}[entry] = '' OR {{ .detectors }}[entry] = {{ .Detector }})
        AND ({{ .domains }}[entry] = '' OR arrayAll(host -> host = {{ .domains }}[entry] OR endsWith(host, concat('.', {{ .domains }}[entry])), AllowHosts))
        -- Addresses are 32 hexadecimal digits; what is no address is empty, and so before every network. An IPv6 network may
        -- lie around the IPv4-mapped addresses, which stand for IPv4: it says nothing of them.
        AND ({{ .firsts }}[entry] = '' OR arrayAll(address -> address >= {{ .firsts }}[entry] AND address <= {{ .lasts }}[entry]
            AND startsWith(address, '{{ .IPv4 }}') = startsWith({{ .firsts }}[entry], '{{ .IPv4 }}'), AllowAddresses))
        AND ({{ .processes }}[entry] = '' OR arrayAll(process -> process = {{ .processes }}[entry], AllowProcesses))
        AND ({{ .devices }}[entry] = '' OR arrayAll(device -> device.1 = {{ .devices }}[entry] OR device.2 = {{ .devices }}[entry], EveryDevice)),
    arrayFlatten(arrayMap(anchor -> range(toUInt32(transform(anchor, {{ .anchors }}, {{ .from }}, 0)), toUInt32(transform(anchor, {{ .anchors }}, {{ .to }}, 0))), AllowAnchors))
) AS AllowedBy
