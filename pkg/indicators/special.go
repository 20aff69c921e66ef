package indicators

import "net/netip"

// special are networks that are no place of the internet: IANA's registries of special-purpose addresses (RFC 6890). The networks for
// documentation are none here: demonstrations use them, and nothing else does.
var special = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.88.99.0/24", "192.168.0.0/16",
	"198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "::/127", "64:ff9b::/96", "100::/64", "fc00::/7", "fe80::/10", "ff00::/8",
)

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// resolvers are public resolvers of names, by their operators' pages: malware asks them, and so does everybody.
var resolvers = map[netip.Prefix]string{
	netip.MustParsePrefix("1.1.1.1/32"):               "Cloudflare's resolver",
	netip.MustParsePrefix("1.0.0.1/32"):               "Cloudflare's resolver",
	netip.MustParsePrefix("8.8.8.8/32"):               "Google's resolver",
	netip.MustParsePrefix("8.8.4.4/32"):               "Google's resolver",
	netip.MustParsePrefix("9.9.9.9/32"):               "Quad9's resolver",
	netip.MustParsePrefix("149.112.112.112/32"):       "Quad9's resolver",
	netip.MustParsePrefix("208.67.222.222/32"):        "OpenDNS's resolver",
	netip.MustParsePrefix("208.67.220.220/32"):        "OpenDNS's resolver",
	netip.MustParsePrefix("2606:4700:4700::1111/128"): "Cloudflare's resolver",
	netip.MustParsePrefix("2606:4700:4700::1001/128"): "Cloudflare's resolver",
	netip.MustParsePrefix("2001:4860:4860::8888/128"): "Google's resolver",
	netip.MustParsePrefix("2001:4860:4860::8844/128"): "Google's resolver",
	netip.MustParsePrefix("2620:fe::fe/128"):          "Quad9's resolver",
	netip.MustParsePrefix("2620:119:35::35/128"):      "OpenDNS's resolver",
}

// crowded are names that lists hold by mistake, when they cut a URL down to its domain: everything lies there, and most networks go there
// all day. Services that documents, code and messages are shared by are among them: a URL names what is bad there, the domain does not.
var crowded = set(
	"google.com", "www.google.com", "docs.google.com", "drive.google.com", "storage.googleapis.com", "googleapis.com", "googleusercontent.com", "gstatic.com", "youtube.com",
	"microsoft.com", "www.microsoft.com", "windows.com", "windowsupdate.com", "office.com", "office365.com", "live.com", "onedrive.live.com", "1drv.ms", "sharepoint.com", "bing.com", "msn.com",
	"apple.com", "icloud.com", "amazon.com", "amazonaws.com", "s3.amazonaws.com", "cloudfront.net", "azureedge.net", "windows.net", "azure.com", "akamai.net", "akamaized.net",
	"cloudflare.com", "fastly.net", "github.com", "raw.githubusercontent.com", "githubusercontent.com", "gitlab.com", "bitbucket.org", "dropbox.com", "dropboxusercontent.com",
	"discord.com", "discordapp.com", "cdn.discordapp.com", "telegram.org", "api.telegram.org", "t.me", "slack.com", "facebook.com", "instagram.com", "whatsapp.com", "twitter.com", "x.com",
	"linkedin.com", "pastebin.com", "mediafire.com", "mega.nz", "wikipedia.org", "yahoo.com", "yandex.ru", "mail.ru", "vk.com", "baidu.com", "qq.com", "bit.ly", "tinyurl.com",
)

func set(names ...string) map[string]bool {
	list := make(map[string]bool, len(names))
	for _, name := range names {
		list[name] = true
	}
	return list
}
