import React from 'react';
import { QueryEditorHelpProps } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Button, Stack, Text } from '@grafana/ui';

import { FluxhoundDataSource } from '../datasource';
import { FluxhoundQuery } from '../types';
import { Glossary } from './Glossary';
import { HuntingQuestions } from './HuntingQuestions';

interface Example {
  title: string;
  text: string;
  query: Omit<FluxhoundQuery, 'refId'>;
}

/** Help beside the query editor: examples and hunting questions that go into the editor at a click. */
export function CheatSheet({ datasource, query, onClickExample }: QueryEditorHelpProps<FluxhoundQuery>) {
  const use = (asked: Example['query']) => onClickExample({ ...asked, refId: query?.refId ?? 'A' });
  return (
    <Stack direction="column" gap={2}>
      <Text element="h2">
        <Trans i18nKey="explore.help.title">What to ask</Trans>
      </Text>
      {examples().map((example) => (
        <Stack key={example.title} direction="column" gap={0.5} alignItems="flex-start">
          <Text element="h3" variant="h5">
            {example.title}
          </Text>
          <Text color="secondary">{example.text}</Text>
          <Button
            size="sm"
            variant="secondary"
            aria-label={t('explore.help.use-label', 'Use: {{title}}', {
              title: example.title,
              interpolation: { escapeValue: false },
            })}
            onClick={() => use(example.query)}
          >
            <Trans i18nKey="explore.help.use">Use this query</Trans>
          </Button>
        </Stack>
      ))}
      <Text element="p" color="secondary">
        <Trans i18nKey="explore.help.variables">
          In dashboards a filter’s value may be a template variable such as $device. Several values turn = into “is one
          of”; All of a variable that lists a column’s values is no condition.
        </Trans>
      </Text>
      <Glossary />
      {datasource instanceof FluxhoundDataSource && <HuntingQuestions datasource={datasource} onUse={use} />}
    </Stack>
  );
}

function examples(): Example[] {
  return [
    {
      title: t('explore.help.alerts-title', 'Everything that was found'),
      text: t('explore.help.alerts', 'The findings of all detectors, newest first. Open a finding to see its events.'),
      query: { queryType: 'alerts', format: 'table' },
    },
    {
      title: t('explore.help.beaconing-title', 'Devices that call home'),
      text: t('explore.help.beaconing', 'At least 100 connections to one address at a steady rate.'),
      query: { queryType: 'beaconing', format: 'table', params: { minConnections: 100 } },
    },
    {
      title: t('explore.help.score-title', 'Beacons as regular as a clock'),
      text: t('explore.help.score', 'Only those with a score of at least 0.8: people and busy services score less.'),
      query: { queryType: 'beaconing', format: 'table', params: { minScore: 0.8 } },
    },
    {
      title: t('explore.help.hosts-title', 'Beacons that change their address'),
      text: t(
        'explore.help.hosts',
        'One finding a device and host, through proxies and over all addresses of the host.'
      ),
      query: { queryType: 'beaconing', format: 'table', params: { groupBy: 'host' } },
    },
    {
      title: t('explore.help.dns-title', 'Hosts under dynamic DNS domains'),
      text: t('explore.help.dns', 'Only names under a provider’s domain, not those that merely contain it.'),
      query: { queryType: 'dynamicDns', format: 'table', params: { match: 'suffix' } },
    },
    {
      title: t('explore.help.dns-beacons-title', 'Dynamic DNS names that a device keeps calling'),
      text: t('explore.help.dns-beacons', 'Only names to which a device beacons as well: few, and seldom harmless.'),
      query: { queryType: 'dynamicDns', format: 'table', params: { match: 'suffix', onlyBeacons: true } },
    },
    {
      title: t('explore.help.flux-title', 'Many addresses within an hour'),
      text: t('explore.help.flux', 'Devices whose processes reach at least 20 addresses in one hour.'),
      query: { queryType: 'fastFlux', format: 'table', params: { minUniqueIPs: 20 } },
    },
    {
      title: t('explore.help.allowlist-title', 'What the allowlist hides'),
      text: t(
        'explore.help.allowlist',
        'All findings, and in the column Allowlisted the entry that otherwise hides each.'
      ),
      query: { queryType: 'alerts', format: 'table', allowlist: 'ignore' },
    },
    {
      title: t('explore.help.failed-title', 'Connections that failed'),
      text: t('explore.help.failed', 'The events themselves, as log lines.'),
      query: {
        queryType: 'events',
        format: 'logs',
        filters: [{ column: 'ActionType', operator: '=', values: ['ConnectionFailed'] }],
      },
    },
    {
      title: t('explore.help.subnet-title', 'Traffic to a subnet'),
      text: t('explore.help.subnet', 'How many events reach 203.0.113.0/24, by ActionType over time.'),
      query: {
        queryType: 'events',
        format: 'timeseries',
        filters: [{ column: 'RemoteIP', operator: 'inSubnet', values: ['203.0.113.0/24'] }],
      },
    },
  ];
}
