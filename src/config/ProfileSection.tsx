import React, { useCallback, useState } from 'react';
import { t, Trans } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Alert, Button, Text } from '@grafana/ui';

import { LoadProblem } from '../support/LoadProblem';
import { Profile } from '../support/resources';
import { useLoaded } from '../support/useLoaded';
import { ProfileTable } from './ProfileTable';
import { savedResources } from './savedResources';

interface Props {
  uid: string;
  /** Whether the settings that are saved name a server. */
  isReady: boolean;
}

/** What the newest events can be used for: asked for by a button, since it reads the table. */
export function ProfileSection({ uid, isReady }: Props) {
  const [asked, setAsked] = useState(0);
  const load = useCallback(
    async () => (asked > 0 && isReady ? savedResources(uid).profile() : undefined),
    [uid, isReady, asked]
  );
  const profile = useLoaded<Profile | undefined>(load);
  return (
    <ConfigSection
      title={t('config.profile.title', 'What the events can be used for')}
      description={t(
        'config.profile.help',
        'A sample of the newest events: how many of them each detector can look at, and why not the rest. Save & test says the same.'
      )}
    >
      <Button
        variant="secondary"
        icon={profile.loading ? 'spinner' : 'search'}
        disabled={!isReady || profile.loading}
        onClick={() => setAsked((n) => n + 1)}
      >
        <Trans i18nKey="config.profile.look">Look at the events</Trans>
      </Button>
      {profile.error && (
        <LoadProblem
          title={t('config.profile.failed', 'The events could not be looked at')}
          error={profile.error}
          onRetry={profile.retry}
        />
      )}
      {profile.value && <Answer profile={profile.value} />}
    </ConfigSection>
  );
}

function Answer({ profile }: { profile: Profile }) {
  if (profile.sampled === 0) {
    return (
      <Text element="p" color="secondary">
        <Trans i18nKey="config.profile.nothing">There are no events.</Trans>
      </Text>
    );
  }
  return (
    <>
      {(profile.verdicts ?? []).map((v) => (
        <Alert key={v.text} severity={v.level === 'error' ? 'error' : 'warning'} title={v.text}>
          {v.fix}
        </Alert>
      ))}
      <ProfileTable profile={profile} />
    </>
  );
}
