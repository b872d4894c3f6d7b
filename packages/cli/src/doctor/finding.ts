import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { permissionOf } from '../explain-error.ts';

/** The result of one check. `unknown`: it could not run, or its result may be fine. */
export type Finding = {
  mark: 'good' | 'wrong' | 'unknown';
  about: string;
  message: string;
  /** What to do; empty if nothing is. */
  remedy: string;
};

export const good = (about: string, message: string): Finding => ({
  mark: 'good',
  about,
  message,
  remedy: '',
});

export const wrong = (about: string, message: string, remedy: string): Finding => ({
  mark: 'wrong',
  about,
  message,
  remedy,
});

export const unknown = (about: string, message: string, remedy = ''): Finding => ({
  mark: 'unknown',
  about,
  message,
  remedy,
});

/** A check that failed with a KubernetesError. Rethrows other errors. */
export function notChecked(about: string, error: unknown): Finding {
  if (!(error instanceof KubernetesError)) throw error;
  if (error.kind !== 'forbidden') {
    return unknown(
      about,
      `check failed: ${error.message}`,
      'try again; if it persists, check the API server',
    );
  }
  const permission = permissionOf(error.message) ?? 'read it';
  return unknown(
    about,
    `not checked: you are not allowed to ${permission}`,
    'run doctor with that permission',
  );
}
