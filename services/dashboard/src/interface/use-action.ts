import { useRef, useState } from 'react';
import { messageOf } from '../api/message-of.ts';

export type Action = {
  pending: boolean;
  error: string | null;
  /** Runs `work` unless it already runs. Sets `error` if it throws. Resolves to true on success. */
  run: (work: () => Promise<void>) => Promise<boolean>;
};

/** An action of a button: one run at a time, with its error text. */
export function useAction(): Action {
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const running = useRef(false);
  const run = async (work: () => Promise<void>) => {
    if (running.current) return false;
    running.current = true;
    setPending(true);
    setError(null);
    try {
      await work();
      return true;
    } catch (thrown) {
      setError(messageOf(thrown));
      return false;
    } finally {
      running.current = false;
      setPending(false);
    }
  };
  return { pending, error, run };
}
