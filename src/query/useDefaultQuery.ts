import { useEffect } from 'react';

import { FluxhoundQuery } from '../types';
import { defaultQuery } from './defaults';
import { EditorProps } from './QueryEditor';

/**
 * The query to edit, with the app's defaults where it says nothing yet.
 *
 * Those are saved at once. The alert rule editor only shows a data source's defaults and stores a query when it is
 * changed; a rule whose author is content with them would be saved without a detector, and fail.
 */
export function useDefaultQuery({ query, queries, app, onChange }: EditorProps): FluxhoundQuery {
  const stored = queries?.find((q) => q.refId === query.refId) ?? query;
  const isNew = !stored.queryType;
  const complete: FluxhoundQuery = query.queryType ? query : { ...query, ...defaultQuery(app) };

  useEffect(() => {
    if (isNew) {
      onChange(complete);
    }
    // Once, when the query appears: later changes are the user's.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [isNew]);

  return complete;
}
