import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { z } from 'zod';

const sessionSchema = z.object({ cameraId: z.string(), userId: z.string(), url: z.string() });

/** A WHEP session: its camera, its user, and its address at the media server. */
export type WebrtcSession = z.infer<typeof sessionSchema>;

/**
 * Ids of WHEP sessions that contain the session, encrypted, so that every replica can continue one that another
 * started. The address at the media server is a secret: it needs no login.
 */
export type WebrtcSessionIds = {
  idOf(session: WebrtcSession): string;
  /** Null for an id that this installation did not issue. */
  sessionOf(id: string): WebrtcSession | null;
  /** The entity tag of the ICE credentials that a session got at this time. */
  tagOf(id: string, issuedMs: number): string;
  /** When a tag was issued; null if it is not a tag of this session. */
  issuedMsOf(id: string, tag: string): number | null;
};

const cipher = 'aes-256-gcm';
const ivBytes = 12;
const authTagBytes = 16;
const macLength = 16;
/** An id is part of a path, which servers limit. */
const idMaxLength = 2048;

/** @param secret shared by the replicas, of at least 32 characters */
export function createWebrtcSessionIds(secret: string): WebrtcSessionIds {
  const keyFor = (use: string) => Buffer.from(hkdfSync('sha256', secret, '', `camplane whep ${use}`, 32));
  const [sealKey, tagKey] = [keyFor('sessions'), keyFor('entity tags')];
  const macOf = (id: string, issued: string): string =>
    createHmac('sha256', tagKey).update(`${issued} ${id}`).digest('base64url').slice(0, macLength);

  return {
    idOf(session) {
      const iv = randomBytes(ivBytes);
      const sealing = createCipheriv(cipher, sealKey, iv, { authTagLength: authTagBytes });
      const body = Buffer.concat([sealing.update(JSON.stringify(session)), sealing.final()]);
      return Buffer.concat([iv, body, sealing.getAuthTag()]).toString('base64url');
    },
    sessionOf(id) {
      const sealed = Buffer.from(id.slice(0, idMaxLength), 'base64url');
      if (sealed.length <= ivBytes + authTagBytes) return null;
      const opening = createDecipheriv(cipher, sealKey, sealed.subarray(0, ivBytes), {
        authTagLength: authTagBytes,
      });
      opening.setAuthTag(sealed.subarray(-authTagBytes));
      try {
        const body = sealed.subarray(ivBytes, -authTagBytes);
        const text = Buffer.concat([opening.update(body), opening.final()]).toString();
        return sessionSchema.parse(JSON.parse(text));
      } catch {
        return null;
      }
    },
    tagOf(id, issuedMs) {
      const issued = issuedMs.toString(36);
      return `"${issued}.${macOf(id, issued)}"`;
    },
    issuedMsOf(id, tag) {
      const [, issued = '', mac = ''] = /^"([0-9a-z]{1,12})\.([\w-]{16})"$/.exec(tag) ?? [];
      const isIssued = mac !== '' && timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(id, issued)));
      return isIssued ? Number.parseInt(issued, 36) : null;
    },
  };
}
