import { getBackendSrv } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';

import { Resources } from '../support/resources';

/** Resources of the data source as it is saved. */
export function savedResources(uid: string): Resources {
  return new Resources(async (path, params) => {
    const response = await lastValueFrom(
      getBackendSrv().fetch<never>({
        url: `/api/datasources/uid/${uid}/resources/${path}`,
        params,
        // Grafana keeps a data source's settings for seconds; just after they were saved it would ask with the old ones.
        headers: { 'X-Grafana-NoCache': 'true' },
        showErrorAlert: false,
      })
    );
    return response.data;
  });
}
