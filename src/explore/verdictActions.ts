import { Action, ActionType, ActionVariableType, DataFrame, HttpRequestMethod } from '@grafana/data';
import { t } from '@grafana/i18n';
import { config } from '@grafana/runtime';

/** The column whose cells have the buttons. */
const KEY = 'FindingKey';

/** What the back end is told of the finding beside its key, and the columns that say it. */
const ABOUT: Array<[string, string]> = [
  ['queryType', 'QueryType'],
  ['deviceName', 'DeviceName'],
  ['destination', 'RemoteUrl'],
  ['severity', 'Severity'],
];

/** A button: the verdict that it says, and for how long that holds; for ever where it says nothing of that. */
interface Button {
  title: string;
  confirmation: string;
  verdict: string;
  until: string;
  color?: string;
}

/**
 * Adds to kept findings the buttons that say what each is; a panel draws them where it shows the keys as actions. They are made here
 * and not in a dashboard, since a dashboard's variable may say "default" for a data source, which no address knows. Grafana shows
 * them to those who may edit the dashboard.
 */
export function withVerdictActions(frame: DataFrame, datasourceUid: string): DataFrame {
  const kept = frame.meta?.custom?.queryType === 'findings' && frame.meta.preferredVisualisationType === 'table';
  if (!kept || !frame.fields.some(({ name }) => name === 'Verdict')) {
    return frame;
  }
  const actions = buttons().map((button) => actionOf(button, datasourceUid));
  const fields = frame.fields.map((field) =>
    field.name === KEY ? { ...field, config: { ...field.config, actions } } : field
  );
  return { ...frame, fields };
}

/** Colours are shades of Grafana's that white text is read from, written out: a button knows no names of colours. */
function buttons(): Button[] {
  return [
    {
      title: t('explore.verdicts.benign', 'Benign'),
      confirmation: t('explore.verdicts.benign-confirm', 'Say that it is benign? For 30 days no alert tells of it.'),
      verdict: 'benign',
      until: '30d',
      color: '#37872D',
    },
    {
      title: t('explore.verdicts.malicious', 'Malicious'),
      confirmation: t('explore.verdicts.malicious-confirm', 'Say that it is malicious?'),
      verdict: 'malicious',
      until: '',
      color: '#C4162A',
    },
    {
      title: t('explore.verdicts.investigating', 'I look at it'),
      confirmation: t('explore.verdicts.investigating-confirm', 'Say for 7 days that you look at it?'),
      verdict: 'investigating',
      until: '7d',
      color: '#1F60C4',
    },
    {
      title: t('explore.verdicts.none', 'Take back'),
      confirmation: t('explore.verdicts.none-confirm', 'Take back what was said of it?'),
      verdict: 'none',
      until: '',
    },
  ];
}

function actionOf({ title, confirmation, verdict, until, color }: Button, datasourceUid: string): Action {
  return {
    type: ActionType.Fetch,
    title,
    confirmation,
    // Grafana before 12.1 knows no variables, and then there is no note.
    variables: [{ key: 'note', name: t('explore.verdicts.note', 'Note'), type: ActionVariableType?.String }],
    style: color ? { backgroundColor: color } : undefined,
    fetch: {
      method: HttpRequestMethod.POST,
      url: `${origin()}/api/datasources/uid/${encodeURIComponent(datasourceUid)}/resources/verdicts`,
      headers: [['Content-Type', 'application/json']],
      body: '{}',
      // Texts go here, and not into the body: Grafana puts them there as they are, which JSON does not survive.
      queryParams: [
        ['findingKey', valueOf(KEY)],
        ['verdict', verdict],
        ['note', '$note'],
        ['until', until],
        ...ABOUT.map(([name, column]): [string, string] => [name, valueOf(column)]),
      ],
    },
  };
}

/** Where the viewer has Grafana open. Grafana itself would take its root_url, which may be another name for the same server. */
function origin(): string {
  return window.location.origin + config.appSubUrl;
}

/** Grafana's expression for a column of the button's row. */
function valueOf(column: string): string {
  return `\${__data.fields.${column}}`;
}
