import { randomBytes } from 'node:crypto';
import type { Clock } from '@camplane/runtime/clock';
import type { AuthRequest } from './auth-request.ts';
import { equalText } from '@camplane/runtime/equal-text';

/** The user name of Camplane's own publishers and readers. */
export const serviceUser = 'camplane';

/**
 * Passwords for Camplane's own FFmpeg processes. FFmpeg takes the password of its RTSP output from the address alone,
 * and every user of the machine can read an argument list. Therefore each pass is for one process, one path and one
 * use, and worthless once that process has connected.
 */
export type ServicePasses = {
  /** Adds a new pass to the RTSP address of a path, as user information. */
  addTo(url: string, pass: { use: PassUse; path: string }): string;
  /** Whether a request presents a valid pass. Counts its use. */
  accepts(request: Pick<AuthRequest, 'user' | 'password' | 'path' | 'id'>, use: PassUse): boolean;
};

/** `view`: reads on behalf of viewers, and counts as one. */
export type PassUse = 'publish' | 'read' | 'view';

/** FFmpeg opens its output after the first key frame, and some cameras send one a minute. */
const passMaxAgeMs = 180_000;
const passesMax = 10_000;
/** MediaMTX asks once for a publisher; for a reader with the ids of its connection and of its session. */
const idsMax = { publish: 1, read: 2, view: 2 } as const;

type Pass = { secret: string; use: PassUse; path: string; expiresMs: number; ids: string[] };

export function createServicePasses(clock: Pick<Clock, 'now'>): ServicePasses {
  // In the order of their expiry.
  const passes = new Map<string, Pass>();

  function dropExpired(): void {
    for (const [key, pass] of passes) {
      if (pass.expiresMs > clock.now() && passes.size <= passesMax) return;
      passes.delete(key);
    }
  }

  return {
    addTo(url, { use, path }) {
      const key = randomBytes(9).toString('base64url');
      const secret = randomBytes(24).toString('base64url');
      passes.set(key, { secret, use, path, expiresMs: clock.now() + passMaxAgeMs, ids: [] });
      dropExpired();
      return url.replace('://', `://${serviceUser}:${key}.${secret}@`);
    },
    accepts({ user, password, path, id }, use) {
      if (user !== serviceUser || id === null) return false;
      const [key = '', secret = ''] = password.split('.', 2);
      const pass = passes.get(key);
      if (!pass || !equalText(secret, pass.secret)) return false;
      if (pass.use !== use || pass.path !== path || pass.expiresMs <= clock.now()) return false;
      if (pass.ids.includes(id)) return true;
      if (pass.ids.length >= idsMax[use]) return false;
      pass.ids.push(id);
      return true;
    },
  };
}
