import { useCallback, useEffect, useState } from 'react';

export interface Loaded<T> {
  /** The latest value, also while a newer one is under way. */
  value?: T;
  error?: Error;
  loading: boolean;
  /** Loads again, for a button beside the error. */
  retry: () => void;
}

type Load<T> = () => Promise<T>;

/** Loads a value when the component appears and whenever `load` changes; an answer that comes too late is dropped. */
export function useLoaded<T>(load: Load<T>): Loaded<T> {
  const [attempt, setAttempt] = useState(0);
  const [answer, setAnswer] = useState<{ to?: Load<T>; attempt?: number; value?: T; error?: Error }>({});

  useEffect(() => {
    let isCurrent = true;
    const keep = (outcome: { value?: T; error?: Error }) => isCurrent && setAnswer({ to: load, attempt, ...outcome });
    load().then(
      (value) => keep({ value }),
      (error) => keep({ error: asError(error) })
    );
    return () => {
      isCurrent = false;
    };
  }, [load, attempt]);

  const retry = useCallback(() => setAttempt((n) => n + 1), []);
  const loading = answer.to !== load || answer.attempt !== attempt;
  return { value: answer.value, error: answer.error, loading, retry };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
