import React, { useCallback } from 'react';
import { t, Trans } from '@grafana/i18n';
import { Button, Stack, Text, TextLink } from '@grafana/ui';

import { FluxhoundDataSource } from '../datasource';
import { Fold } from '../support/Fold';
import { LoadProblem } from '../support/LoadProblem';
import { HuntingQuestion } from '../support/resources';
import { useLoaded } from '../support/useLoaded';

interface Props {
  datasource: FluxhoundDataSource;
  onUse: (query: HuntingQuestion['query']) => void;
}

/** The hunting library: questions to ask again and again, by what they are about. One click puts a question into the editor. */
export function HuntingQuestions({ datasource, onUse }: Props) {
  const load = useCallback(() => datasource.resources.hunting(), [datasource]);
  const { value, error, retry } = useLoaded(load);
  return (
    <Stack direction="column" gap={1}>
      <Text element="h2">
        <Trans i18nKey="explore.hunting.title">Hunting questions</Trans>
      </Text>
      <Text color="secondary">
        <Trans i18nKey="explore.hunting.help">
          Each says what it is for, what is normal and how to read it. The dashboard Fluxhound Hunting runs them.
        </Trans>
      </Text>
      {error && (
        <LoadProblem
          title={t('explore.hunting.failed', 'The hunting questions could not be read')}
          severity="warning"
          error={error}
          onRetry={retry}
        />
      )}
      {groups(value?.questions ?? []).map(({ name, questions }) => (
        <Fold key={name} label={name}>
          <Stack direction="column" gap={2}>
            {questions.map((question) => (
              <Question key={question.id} question={question} onUse={onUse} />
            ))}
          </Stack>
        </Fold>
      ))}
    </Stack>
  );
}

function Question({ question, onUse }: { question: HuntingQuestion; onUse: Props['onUse'] }) {
  const { title, purpose, normal, read, lookback, techniques, query } = question;
  return (
    <Stack direction="column" gap={0.5} alignItems="flex-start">
      <Text element="h3" variant="h5">
        {title}
      </Text>
      <Text>{purpose}</Text>
      <Text color="secondary">
        <Trans i18nKey="explore.hunting.normal">Normal:</Trans> {normal.text}{' '}
        {t('explore.hunting.rows', 'At most {{device}} rows of one device and day, {{fleet}} of 200 devices.', {
          device: normal.deviceRows,
          fleet: normal.fleetRows,
        })}
      </Text>
      <Text color="secondary">
        <Trans i18nKey="explore.hunting.read">How to read it:</Trans> {read}
      </Text>
      <Text color="secondary">
        {t('explore.hunting.range', 'Time range: the last {{lookback}}.', { lookback })}{' '}
        {techniques.map(({ id, name, url }) => (
          <React.Fragment key={id}>
            <TextLink href={url} external inline>
              {`${id} ${name}`}
            </TextLink>{' '}
          </React.Fragment>
        ))}
      </Text>
      <Button
        size="sm"
        variant="secondary"
        aria-label={t('explore.hunting.use-label', 'Use the question: {{title}}', {
          title,
          interpolation: { escapeValue: false },
        })}
        onClick={() => onUse(query)}
      >
        <Trans i18nKey="explore.hunting.use">Use this question</Trans>
      </Button>
    </Stack>
  );
}

/** Questions by their group, in the order in which the library has them. */
function groups(questions: HuntingQuestion[]): Array<{ name: string; questions: HuntingQuestion[] }> {
  const names = [...new Set(questions.map(({ group }) => group))];
  return names.map((name) => ({ name, questions: questions.filter(({ group }) => group === name) }));
}
