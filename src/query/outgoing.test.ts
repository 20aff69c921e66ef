import { ownFields } from './outgoing';

describe('a query that is saved or sent', () => {
  it('has no field of another data source', () => {
    const switched = { refId: 'A', queryType: 'beaconing', expr: 'up', editorMode: 'code', instant: true, limit: 5 };
    expect(ownFields(switched)).toEqual({ refId: 'A', queryType: 'beaconing', limit: 5 });
  });

  it('keeps what Grafana routes it by', () => {
    const query = { refId: 'B', datasource: { uid: 'x' }, hide: true, key: 'k', queryType: 'events' };
    expect(ownFields(query)).toEqual(query);
  });

  it('has no field without a value', () => {
    expect(Object.keys(ownFields({ refId: 'A', queryType: 'events', limit: undefined }))).toEqual([
      'refId',
      'queryType',
    ]);
  });
});
