import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { WallClock } from '@camplane/runtime/clock';
import type { AuthRequest } from './auth-request.ts';
import { equalText } from '@camplane/runtime/equal-text';
import { serviceUser } from './service-passes.ts';

/**
 * Passes with which stream-proxy reads a camera at an edge, on behalf of viewers that control-api has admitted. Like
 * service passes they are for one reader, because FFmpeg has them in its argument list. They are signed, so that
 * stream-proxy issues and control-api accepts them without a message between the two.
 */
export type ViewPasses = {
  /** Adds a new pass to the RTSP address of a path, as user information. */
  addTo(url: string, path: string): string;
  /** Whether a request to read presents a valid pass. Counts its use. */
  accepts(request: Pick<AuthRequest, 'user' | 'password' | 'path' | 'id' | 'action' | 'protocol'>): boolean;
};

/** FFmpeg connects at once; the clocks of two nodes differ by less. */
const maxAgeSeconds = 60;
/** The connection and the session of one RTSP reader, which MediaMTX asks about separately. */
const idsMax = 2;
const spentMax = 10_000;
const form = /^view\.(\d{1,12})\.([\w-]{22})\.([\w-]{43})$/;

/** @param secret `STREAM_PROXY_SECRET`, from which the key is derived */
export function createViewPasses(secret: string, { epochMs }: WallClock): ViewPasses {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'camplane view passes', 32));
  // In the order of their first use. Each is kept for as long as any pass may be valid.
  const spent = new Map<string, { untilMs: number; ids: string[] }>();

  function signatureOf(expires: string, nonce: string, path: string): string {
    return createHmac('sha256', key).update(`${expires}\n${nonce}\n${path}`).digest('base64url');
  }

  function spend(nonce: string, id: string): boolean {
    for (const [known, { untilMs }] of spent) {
      if (untilMs > epochMs()) break;
      spent.delete(known);
    }
    const ids = spent.get(nonce)?.ids;
    if (ids?.includes(id)) return true;
    if (ids) return ids.length < idsMax && ids.push(id) > 0;
    if (spent.size >= spentMax) return false;
    spent.set(nonce, { untilMs: epochMs() + 2 * maxAgeSeconds * 1000, ids: [id] });
    return true;
  }

  return {
    addTo(url, path) {
      const expires = String(Math.floor(epochMs() / 1000) + maxAgeSeconds);
      const nonce = randomBytes(16).toString('base64url');
      const password = `view.${expires}.${nonce}.${signatureOf(expires, nonce, path)}`;
      return url.replace('://', `://${serviceUser}:${password}@`);
    },
    accepts({ user, password, path, id, action, protocol }) {
      if (user !== serviceUser || action !== 'read' || protocol !== 'rtsp' || id === null) return false;
      const [, expires = '', nonce = '', signature = ''] = form.exec(password) ?? [];
      if (!equalText(signature, signatureOf(expires, nonce, path))) return false;
      const remainingMs = Number(expires) * 1000 - epochMs();
      if (remainingMs <= 0 || remainingMs > 2 * maxAgeSeconds * 1000) return false;
      return spend(nonce, id);
    },
  };
}
