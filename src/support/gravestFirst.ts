import { DataFrame } from '@grafana/data';

/** The words of severity, the gravest first. */
const SEVERITIES = ['critical', 'high', 'medium', 'low'];

/** Puts the gravest rows of a list of findings first; rows of one severity stay in their order, the newest first. */
export function gravestFirst(frame: DataFrame): DataFrame {
  const severity = frame.fields.find((f) => f.name === 'Severity');
  if (!severity || frame.meta?.preferredVisualisationType !== 'table') {
    return frame;
  }
  const rank = (row: number) => {
    const at = SEVERITIES.indexOf(severity.values[row]);
    return at < 0 ? SEVERITIES.length : at;
  };
  const order = [...Array(frame.length).keys()].sort((a, b) => rank(a) - rank(b));
  return { ...frame, fields: frame.fields.map((f) => ({ ...f, values: order.map((row) => f.values[row]) })) };
}

/** What an analyst reads first of a finding. */
const WEIGHTS = ['Severity', 'Risk', 'Score'];

/** Puts the columns that weigh a finding first: Explore shows the first twenty alone. */
export function weightsFirst(frame: DataFrame): DataFrame {
  if (frame.meta?.preferredVisualisationType !== 'table') {
    return frame;
  }
  const weights = WEIGHTS.flatMap((name) => frame.fields.filter((f) => f.name === name));
  return { ...frame, fields: [...weights, ...frame.fields.filter((f) => !weights.includes(f))] };
}
