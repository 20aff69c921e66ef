import { AnnotationEvent, DataFrame, FieldType, toDataFrame } from '@grafana/data';
import { lastValueFrom } from 'rxjs';

import { withFindingLinks } from '../explore/findingLinks';
import { catalog } from '../fixtures/contract';
import { FluxhoundQuery } from '../types';
import { annotationSupport } from './annotations';

const annotation = { name: 'Findings', enable: true, iconColor: 'red' };

async function events(frame: DataFrame): Promise<AnnotationEvent[] | undefined> {
  const processed = annotationSupport.processEvents?.(annotation, [frame]);
  return processed && lastValueFrom(processed);
}

const row: Record<string, string | number> = {
  Timestamp: 5000,
  DeviceName: 'WS-1',
  RemoteIP: '203.0.113.7',
  RemoteUrl: 'c2.example',
  AlertType: 'PotentialBeaconing',
  Severity: 'critical',
  ConnectionCount: 42,
  SampleProcesses: '["curl","sh"]',
};

function table(values: Record<string, unknown>): DataFrame {
  return toDataFrame({
    fields: Object.entries(values).map(([name, value]) => ({
      name,
      type: ['Timestamp', 'FirstSeen', 'LastSeen'].includes(name) ? FieldType.time : FieldType.other,
      values: [value],
    })),
  });
}

describe('findings as annotations', () => {
  it('stand at the finding’s time, say what was found and are tagged', async () => {
    expect(await events(table(row))).toEqual([
      {
        time: 5000,
        title: 'PotentialBeaconing',
        text: 'WS-1 → c2.example (203.0.113.7), 42 connections, curl, sh',
        tags: ['PotentialBeaconing', 'critical', 'WS-1', '203.0.113.7', 'c2.example'],
      },
    ]);
  });

  it('are regions where the finding says when it began', async () => {
    const [event] = (await events(table({ ...row, FirstSeen: 1000, LastSeen: 5000 }))) ?? [];
    expect(event).toMatchObject({ time: 1000, timeEnd: 5000, isRegion: true });
  });

  it('leave out what a finding does not have', async () => {
    const fastFlux = { ...row, RemoteIP: '', RemoteUrl: '', SampleProcesses: '[]' };
    const [event] = (await events(table(fastFlux))) ?? [];
    expect(event).toMatchObject({ text: 'WS-1, 42 connections', tags: ['PotentialBeaconing', 'critical', 'WS-1'] });
  });

  it('take lists in the form that frames hand them over', async () => {
    const [event] = (await events(table({ ...row, SampleProcesses: ['curl'] }))) ?? [];
    expect(event.text).toMatch(/, curl$/);
  });

  it('show markup in a name as text', async () => {
    const [event] = (await events(table({ ...row, RemoteUrl: '<img src=x onerror=alert(1)>' }))) ?? [];
    expect(event.text).not.toContain('<img');
  });

  describe('lead where the finding’s cells do', () => {
    async function anchors(values: Record<string, unknown>, explore: boolean): Promise<HTMLAnchorElement[]> {
      const custom = { queryType: 'beaconing', from: '1970-01-01T00:00:00Z', to: '1970-01-02T00:00:00Z' };
      const frame = { ...table(values), refId: 'A', meta: { preferredVisualisationType: 'table' as const, custom } };
      const [event] =
        (await events(withFindingLinks(frame, { datasourceUid: 'uid', explore, query: undefined, catalog }))) ?? [];
      const html = document.createElement('div');
      html.innerHTML = event.text ?? '';
      return [...html.querySelectorAll('a')];
    }

    it.each([
      { explore: true, events: '/explore' },
      { explore: false, events: '/d/fluxhound-events' },
    ])('to the device and to the events, as who may use Explore: $explore', async (c) => {
      const links = await anchors({ ...row, FirstSeen: 1000, LastSeen: 5000 }, c.explore);
      expect(links.map((a) => a.textContent)).toEqual(['Investigate the device', 'Show the events']);
      const [device, found] = links.map((a) => new URL(a.href));
      expect(device.pathname).toBe('/d/fluxhound-device');
      expect(device.searchParams.get('var-device')).toBe('WS-1');
      expect(found.pathname).toBe(c.events);
      expect(decodeURIComponent(found.search)).toContain('203.0.113.7');
    });

    it('whatever a name holds', async () => {
      const links = await anchors({ ...row, DeviceName: '"><img src=x onerror=alert(1)>&amp;' }, false);
      expect(links).toHaveLength(2);
      expect(new URL(links[0].href).searchParams.get('var-device')).toBe('"><img src=x onerror=alert(1)>&amp;');
    });
  });

  it('are none for a frame without a time', async () => {
    expect(await events(toDataFrame({ fields: [] }))).toEqual([]);
  });

  it('are asked for as a table, whatever was saved', () => {
    const target: FluxhoundQuery = { refId: 'A', queryType: 'beaconing', format: 'timeseries' };
    expect(annotationSupport.prepareQuery?.({ ...annotation, target })).toEqual({ ...target, format: 'table' });
    expect(annotationSupport.prepareQuery?.({ ...annotation })).toBeUndefined();
  });

  it('start with every detector’s findings', () => {
    const query = annotationSupport.getDefaultQuery?.();
    expect(catalog.detectors.find((d) => d.name === query?.queryType)?.kind).toBe('union');
  });
});
