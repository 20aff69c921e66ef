package attack

// Tactics of those techniques, as the Navigator writes them.
const (
	resources    = "resource-development"
	access       = "initial-access"
	execution    = "execution"
	evasion      = "defense-evasion"
	credentials  = "credential-access"
	discovery    = "discovery"
	lateral      = "lateral-movement"
	persistence  = "persistence"
	control      = "command-and-control"
	exfiltration = "exfiltration"
)

// known are the techniques that detectors and hunting questions name, in the order of their identifiers.
var known = []Technique{
	technique("T1008", "Fallback Channels", control),
	technique("T1021", "Remote Services", lateral),
	technique("T1029", "Scheduled Transfer", exfiltration),
	technique("T1036.005", "Masquerading: Match Legitimate Resource Name or Location", evasion),
	technique("T1041", "Exfiltration Over C2 Channel", exfiltration),
	technique("T1046", "Network Service Discovery", discovery),
	technique("T1048", "Exfiltration Over Alternative Protocol", exfiltration),
	technique("T1059", "Command and Scripting Interpreter", execution),
	technique("T1071.001", "Application Layer Protocol: Web Protocols", control),
	technique("T1071.004", "Application Layer Protocol: DNS", control),
	technique("T1090", "Proxy", control),
	technique("T1095", "Non-Application Layer Protocol", control),
	technique("T1102", "Web Service", control),
	technique("T1105", "Ingress Tool Transfer", control),
	technique("T1110", "Brute Force", credentials),
	technique("T1133", "External Remote Services", persistence, access),
	technique("T1204", "User Execution", execution),
	technique("T1218", "System Binary Proxy Execution", evasion),
	technique("T1219", "Remote Access Tools", control),
	technique("T1568", "Dynamic Resolution", control),
	technique("T1568.001", "Dynamic Resolution: Fast Flux DNS", control),
	technique("T1568.002", "Dynamic Resolution: Domain Generation Algorithms", control),
	technique("T1571", "Non-Standard Port", control),
	technique("T1572", "Protocol Tunneling", control),
	technique("T1573", "Encrypted Channel", control),
	technique("T1583.003", "Acquire Infrastructure: Virtual Private Server", resources),
	technique("T1584", "Compromise Infrastructure", resources),
	technique("T1584.001", "Compromise Infrastructure: Domains", resources),
	technique("T1584.002", "Compromise Infrastructure: DNS Server", resources),
	technique("T1584.004", "Compromise Infrastructure: Server", resources),
	technique("T1584.005", "Compromise Infrastructure: Botnet", resources),
}

func technique(id, name string, tactics ...string) Technique {
	return Technique{ID: id, Name: name, Tactics: tactics}
}
