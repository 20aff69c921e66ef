package ingest_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// Whether fields lie in objects or have dots in their names, a record that is recognised comes to the same event.
func TestFieldsInObjectsAndWithDotsComeToTheSameEvent(t *testing.T) {
	for name, nested := range map[string]string{
		"Zeek":        `{"ts":1764410400.5,"uid":"C1","id":{"orig_h":"10.0.0.5","orig_p":5000,"resp_h":"203.0.113.9","resp_p":443},"proto":"tcp","conn_state":"SF"}`,
		"Winlogbeat":  `{"@timestamp":"2025-11-29T10:00:59Z","winlog":{"event_id":3,"computer_name":"WS-1","event_data":{"UtcTime":"2025-11-29 10:00:00.123","Image":"C:\\Windows\\a.exe","User":"CORP\\alice","Protocol":"tcp","Initiated":"true","SourceIp":"10.0.0.5","SourcePort":"5000","DestinationIp":"203.0.113.9","DestinationPort":"443"}}}`,
		"XML as JSON": `{"Event":{"System":{"Computer":"WS-1","EventID":3},"EventData":{"UtcTime":"2025-11-29 10:00:00.123","Image":"C:\\Windows\\a.exe","Initiated":"true","Protocol":"tcp","SourceIp":"10.0.0.5","SourcePort":"5000","DestinationIp":"203.0.113.9","DestinationPort":"443"}}}`,
		"System":      `{"System":{"Computer":"WS-1"},"EventData":{"UtcTime":"2025-11-29 10:00:00.123","Image":"C:\\Windows\\a.exe","Initiated":"true","Protocol":"tcp","SourceIp":"10.0.0.5","SourcePort":"5000","DestinationIp":"203.0.113.9","DestinationPort":"443"}}`,
		"ECS":         `{"@timestamp":"2025-11-29T10:00:33Z","source":{"ip":"10.0.0.5","port":5033,"bytes":7},"destination":{"ip":"203.0.113.9","port":443},"tls":{"client":{"server_name":"c2.example.org"}},"event":{"kind":"event","type":["connection","end"]}}`,
		"an index":    `{"_index":"x","_source":{"@timestamp":"2025-11-29T10:00:33Z","source":{"ip":"10.0.0.5","port":5033,"bytes":7},"destination":{"ip":"203.0.113.9","port":443},"tls":{"client":{"server_name":"c2.example.org"}}}}`,
		"OCSF":        `{"class_uid":4001,"activity_id":6,"time":1764410400000,"src_endpoint":{"ip":"10.0.0.5","port":5000},"dst_endpoint":{"ip":"203.0.113.9","port":443},"traffic":{"bytes_in":200,"bytes_out":100},"actor":{"process":{"file":{"name":"a.exe"}}},"device":{"hostname":"ws-1"}}`,
		"Suricata":    `{"timestamp":"2025-11-29T10:05:00.1+0000","flow_id":1,"event_type":"flow","src_ip":"10.0.0.5","src_port":5000,"dest_ip":"203.0.113.9","dest_port":443,"proto":"TCP","flow":{"pkts_toserver":5,"pkts_toclient":5,"bytes_toserver":100,"start":"2025-11-29T10:00:00.1+0000"}}`,
	} {
		var record map[string]any
		if err := json.Unmarshal([]byte(nested), &record); err != nil {
			t.Fatal(err)
		}
		want := ""
		for how, change := range map[string]func(key string, value any, put func(string, any)){
			"flat": flat, "the first level flat": firstLevel, "the second level flat": secondLevel, "without the last level": allButLast,
		} {
			changed := map[string]any{}
			for key, value := range record {
				change(key, value, func(k string, v any) { changed[k] = v })
			}
			if name == "an index" && how != "the second level flat" { // whose documents are in one object
				inner := map[string]any{}
				for key, value := range record["_source"].(map[string]any) {
					change(key, value, func(k string, v any) { inner[k] = v })
				}
				changed = map[string]any{"_source": inner}
			}
			text, err := json.Marshal(changed)
			if err != nil {
				t.Fatal(err)
			}
			t.Run(name+", "+how, func(t *testing.T) {
				if want == "" {
					b := newBench(t)
					b.load(write(t, t.TempDir(), "nested.json", []byte(nested+"\n")))
					want = b.content("network_events")
					if !strings.HasPrefix(want, "1 rows") || b.count("SELECT RemoteIP FROM DB.network_events") != "203.0.113.9" {
						t.Fatalf("as it is: %s", want)
					}
				}
				b := newBench(t)
				summary := b.load(write(t, t.TempDir(), "a.json", append(text, '\n')))
				if summary.Failed() {
					t.Fatalf("%s is not read: %+v", text, summary.Files)
				}
				if got := b.content("network_events"); got != want {
					t.Errorf("%s comes to %s, want %s", text, got, want)
				}
			})
		}
	}
}

func flat(key string, value any, put func(string, any)) {
	object, ok := value.(map[string]any)
	if !ok {
		put(key, value)
		return
	}
	for inner, v := range object {
		flat(key+"."+inner, v, put)
	}
}

func firstLevel(key string, value any, put func(string, any)) {
	object, ok := value.(map[string]any)
	if !ok {
		put(key, value)
		return
	}
	for inner, v := range object {
		put(key+"."+inner, v)
	}
}

func secondLevel(key string, value any, put func(string, any)) {
	object, ok := value.(map[string]any)
	if !ok {
		put(key, value)
		return
	}
	changed := map[string]any{}
	for inner, v := range object {
		flat(inner, v, func(k string, v any) { changed[k] = v })
	}
	put(key, changed)
}

// allButLast makes one name of all objects but the innermost.
func allButLast(key string, value any, put func(string, any)) {
	object, ok := value.(map[string]any)
	if !ok {
		put(key, value)
		return
	}
	scalars := map[string]any{}
	for inner, v := range object {
		if _, deeper := v.(map[string]any); deeper {
			allButLast(key+"."+inner, v, put)
		} else {
			scalars[inner] = v
		}
	}
	if len(scalars) > 0 {
		put(key, scalars)
	}
}

// A CSV's header may name the way to a field.
func TestACSVWithDottedNamesIsRead(t *testing.T) {
	for name, text := range map[string]string{
		"Sysmon":   "winlog.computer_name,winlog.event_data.UtcTime,winlog.event_data.Image,winlog.event_data.Initiated,winlog.event_data.Protocol,winlog.event_data.SourceIp,winlog.event_data.SourcePort,winlog.event_data.DestinationIp,winlog.event_data.DestinationPort\nWS-1,2025-11-29 10:00:00.123,C:\\a.exe,true,tcp,10.0.0.5,5000,203.0.113.9,443\n",
		"ECS":      "@timestamp,source.ip,source.port,destination.ip,destination.port\n2025-11-29T10:00:33Z,10.0.0.5,5000,203.0.113.9,443\n",
		"OCSF":     "class_uid,activity_id,time,src_endpoint.ip,src_endpoint.port,dst_endpoint.ip,dst_endpoint.port\n4001,6,1764410400000,10.0.0.5,5000,203.0.113.9,443\n",
		"Zeek":     "ts,uid,id.orig_h,id.orig_p,id.resp_h,id.resp_p,proto,conn_state\n1764410400.5,C1,10.0.0.5,5000,203.0.113.9,443,tcp,SF\n",
		"Suricata": "timestamp,flow_id,event_type,src_ip,src_port,dest_ip,dest_port,proto,flow.pkts_toserver,flow.pkts_toclient,flow.start\n2025-11-29T10:05:00.1+0000,1,flow,10.0.0.5,5000,203.0.113.9,443,TCP,5,5,2025-11-29T10:00:00.1+0000\n",
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.load(write(t, t.TempDir(), "a.csv", []byte(text)))
			if n := b.count("SELECT count() FROM DB.network_events WHERE RemoteIP = '203.0.113.9' AND LocalIP IN ('10.0.0.5', '') AND RemotePort = 443 AND DeviceId IN ('10.0.0.5', 'WS-1') AND toYear(Timestamp) = 2025"); n != "1" {
				t.Errorf("%s events as they should be, want 1", n)
			}
		})
	}
}
