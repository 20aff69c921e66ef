import React, { useId } from 'react';
import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { EditorField } from '@grafana/plugin-ui';
import { Alert, Combobox, Stack, TextLink, useStyles2 } from '@grafana/ui';

import { QueryTypeSpec } from '../catalog';
import { afterClick } from './afterClick';

interface Props {
  queryType?: string;
  choices: QueryTypeSpec[];
  /** The chosen type; nothing when the query names one that is not in the catalog. */
  spec?: QueryTypeSpec;
  onChange: (spec: QueryTypeSpec) => void;
}

/** Chooses what is looked for. */
export function DetectorSection({ queryType, choices, spec, onChange }: Props) {
  const id = useId();
  return (
    <Stack direction="column" gap={1}>
      <EditorField label={t('query.detector.label', 'Detector')} htmlFor={id} width={30}>
        <Combobox
          id={id}
          width={30}
          options={choices.map((c) => ({ value: c.name, label: c.label, description: c.summary }))}
          value={spec ? spec.name : null}
          placeholder={t('query.detector.placeholder', 'Choose a detector')}
          onChange={afterClick(({ value }) => {
            const chosen = choices.find((c) => c.name === value);
            if (chosen && chosen !== spec) {
              onChange(chosen);
            }
          })}
        />
      </EditorField>
      {!spec && <UnknownType queryType={queryType} choices={choices} />}
    </Stack>
  );
}

/** Says in a sentence what a detector finds, which technique that is, and what else its findings may show. */
export function Summary({ spec }: { spec: QueryTypeSpec }) {
  const styles = useStyles2(getStyles);
  return (
    <p className={styles.summary}>
      {spec.summary}{' '}
      {spec.technique && (
        <TextLink href={spec.technique.url} external inline variant="bodySmall">
          {`${spec.technique.id} ${spec.technique.name}`}
        </TextLink>
      )}
      {spec.techniques?.map((technique) => (
        <React.Fragment key={technique.id}>
          {', '}
          <AlsoShows {...technique} />
        </React.Fragment>
      ))}
    </p>
  );
}

/** A technique that findings may show beside the detector's own; what shows it stands behind it on hovering. */
function AlsoShows({ id, name, url, how }: NonNullable<QueryTypeSpec['techniques']>[number]) {
  const title = `${name}: ${how}`;
  return (
    <TextLink href={url} external inline variant="bodySmall" title={title}>
      {id}
    </TextLink>
  );
}

function UnknownType({ queryType = '', choices }: { queryType?: string; choices: QueryTypeSpec[] }) {
  const names = choices.map((c) => c.name).join(', ');
  return (
    <Alert severity="error" title={t('query.detector.unknown-title', 'Unknown detector')}>
      <Trans i18nKey="query.detector.unknown">
        The query asks for “{{ queryType }}”, which this data source does not have. It may be one of {{ names }}. The
        query may come from another data source or from a newer version of the plugin.
      </Trans>
    </Alert>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  summary: css({
    ...theme.typography.bodySmall,
    color: theme.colors.text.secondary,
    margin: 0,
    flexBasis: '100%',
  }),
});
