import React from 'react';
import { t, Trans } from '@grafana/i18n';
import { Stack, Text } from '@grafana/ui';

/** What the words mean that findings, panels and parameters use. */
export function Glossary() {
  return (
    <Stack direction="column" gap={1}>
      <Text element="h2">
        <Trans i18nKey="explore.glossary.title">What the words mean</Trans>
      </Text>
      {words().map(({ word, meaning }) => (
        <Text key={word} element="p">
          <Text weight="medium">{word}</Text>
          {': '}
          {meaning}
        </Text>
      ))}
    </Stack>
  );
}

function words() {
  return [
    {
      word: t('explore.glossary.finding', 'Finding'),
      meaning: t(
        'explore.glossary.finding-text',
        'One thing that a detector found: a device at an address, a name, or a device’s hour. FindingKey is its identity and stays the same from one evaluation to the next.'
      ),
    },
    {
      word: t('explore.glossary.beacon', 'Beacon'),
      meaning: t(
        'explore.glossary.beacon-text',
        'A program that calls one destination again and again, as malware does to fetch orders, and updates do as well.'
      ),
    },
    {
      word: t('explore.glossary.score', 'Score'),
      meaning: t(
        'explore.glossary.score-text',
        'How even a beacon’s intervals and sizes are, and how steadily it goes on: 0 is chance, 1 a clock.'
      ),
    },
    {
      word: t('explore.glossary.jitter', 'MedianInterval and Jitter'),
      meaning: t(
        'explore.glossary.jitter-text',
        'The usual time between two connections, and by how much of it they differ. Implants add jitter to look less even.'
      ),
    },
    {
      word: t('explore.glossary.dynamic-dns', 'Dynamic DNS and Tenant'),
      meaning: t(
        'explore.glossary.dynamic-dns-text',
        'Names that anybody takes with a provider and points anywhere within seconds. The tenant is the part that one customer holds.'
      ),
    },
    {
      word: t('explore.glossary.flux', 'Fast flux'),
      meaning: t(
        'explore.glossary.flux-text',
        'One name at ever other addresses, in many networks. Fluxiness grows with both.'
      ),
    },
    {
      word: t('explore.glossary.case', 'Case'),
      meaning: t(
        'explore.glossary.case-text',
        'All that one device does at one destination, over ports, addresses, hours and detectors.'
      ),
    },
    {
      word: t('explore.glossary.risk', 'Risk, Severity and Why'),
      meaning: t(
        'explore.glossary.risk-text',
        'What speaks for an attack less what speaks against it, of 100: from 60 high, from 80 critical. Why lists the reasons, the gravest first, with their numbers.'
      ),
    },
    {
      word: t('explore.glossary.prevalence', 'Prevalence'),
      meaning: t(
        'explore.glossary.prevalence-text',
        'The share of devices that reach a destination. What nearly all reach is rarely an attack.'
      ),
    },
    {
      word: t('explore.glossary.repointed', 'Re-pointed name'),
      meaning: t(
        'explore.glossary.repointed-text',
        'A name that stayed in its networks for weeks and now leads elsewhere, as one that was taken over does.'
      ),
    },
    {
      word: t('explore.glossary.indicator', 'Indicator'),
      meaning: t(
        'explore.glossary.indicator-text',
        'An address, network or name that a list of threat intelligence warns of.'
      ),
    },
    {
      word: t('explore.glossary.network', 'ASN and ASName'),
      meaning: t(
        'explore.glossary.network-text',
        'The network that an address lies in, by its number and holder. They are empty without a dictionary of networks.'
      ),
    },
    {
      word: t('explore.glossary.allowlist', 'Allowlist and verdict'),
      meaning: t(
        'explore.glossary.allowlist-text',
        'The allowlist hides what an administrator knows to be harmless. A verdict is what an analyst says of one finding: benign, malicious, or being looked at.'
      ),
    },
  ];
}
