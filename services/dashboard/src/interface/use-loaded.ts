import { useCallback, useEffect, useState } from 'react';
import { messageOf } from '../api/message-of.ts';

export type Loaded<T> = {
  /** Null until the first answer. */
  value: T | null;
  error: string | null;
  /** Loads again and keeps showing the old value meanwhile. */
  reload: () => void;
};

/** What a page loads when it is opened. `load` must keep its identity between renders. */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    load(stop.signal).then(
      (loaded) => {
        if (stop.signal.aborted) return;
        setValue(loaded);
        setError(null);
      },
      (thrown: unknown) => {
        if (!stop.signal.aborted) setError(messageOf(thrown));
      },
    );
    return () => stop.abort();
  }, [load, attempt]);
  const reload = useCallback(() => setAttempt((before) => before + 1), []);
  return { value, error, reload };
}
