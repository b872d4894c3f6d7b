import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { rightOf } from '../explain-error.ts';

/** What one check found. `unknown`: it could not be looked at, which is not yet wrong. */
export type Finding = {
  mark: 'good' | 'wrong' | 'unknown';
  about: string;
  says: string;
  /** What to do; empty where all is well. */
  remedy: string;
};

export const good = (about: string, says: string): Finding => ({ mark: 'good', about, says, remedy: '' });

export const wrong = (about: string, says: string, remedy: string): Finding => ({
  mark: 'wrong',
  about,
  says,
  remedy,
});

export const unknown = (about: string, says: string, remedy = ''): Finding => ({
  mark: 'unknown',
  about,
  says,
  remedy,
});

/** What cannot be seen for want of a right is unknown; every other failure is for the caller. */
export function notSeen(about: string, error: unknown): Finding {
  if (!(error instanceof KubernetesError)) throw error;
  if (error.kind !== 'forbidden') {
    return unknown(
      about,
      `cannot be looked at: ${error.message}`,
      'try again; if it stays, look at the API server',
    );
  }
  const right = rightOf(error.message) ?? 'look at it';
  return unknown(
    about,
    `cannot be looked at: you are not allowed to ${right}`,
    'run doctor as somebody who is',
  );
}
