import { createPrivateKey, createPublicKey, hkdfSync, randomUUID, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Ticket } from '@camplane/contracts/access';
import type { WallClock } from '@camplane/runtime/clock';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { externalClaimsSchema } from '../access/external/external-credential.ts';
import type { Credential } from '../access/principal.ts';

export type TicketUse = 'header' | 'address';

/** What a valid ticket says: its holder may view one camera with the rights of a credential. */
export type TicketClaims = {
  /** Id of the ticket. */
  id: string;
  use: TicketUse;
  cameraId: string;
  userId: string;
  credential: Credential;
  expiresMs: number;
};

export type StreamTickets = {
  issue(ticket: Omit<TicketClaims, 'id' | 'expiresMs'>): Promise<Ticket>;
  /** Checks signature, audience and expiry, from memory. Returns why a ticket is not valid as a text. */
  verify(ticket: string): TicketClaims | string;
};

/** A `header` ticket may open several sessions: a player that falls back, or tries both transports. */
export const ticketMaxAgeMs = { header: 60_000, address: 30_000 } as const;

const audience = 'camplane-media';
const issuer = 'camplane';
const header = { alg: 'EdDSA', typ: 'JWT' };
/** Of every ticket, so that one algorithm alone is possible. */
const encodedHeader = Buffer.from(JSON.stringify(header)).toString('base64url');
const signatureBytes = 64;

const credentialSchema = z.union([
  z.object({ kind: z.enum(['session', 'token']), sid: z.string() }),
  z.object({ kind: z.enum(['jwt', 'proxy']), sid: z.string(), external: externalClaimsSchema }),
]);
const ticketSchema = z.object({
  iss: z.literal(issuer),
  aud: z.literal(audience),
  jti: z.string(),
  sub: z.string(),
  use: z.enum(['header', 'address']),
  camera: z.string(),
  exp: z.number(),
  nbf: z.number().optional(),
});
const claimsSchema = ticketSchema.and(credentialSchema);

/**
 * Stream tickets: JSON Web Tokens (RFC 7519) signed with Ed25519 (RFC 8037).
 *
 * @param keys a secret of at least 32 characters, from which the keys are derived, or the keys
 */
export function createStreamTickets(
  keys: string | { privateKey: KeyObject; publicKey: KeyObject },
  { epochMs }: WallClock,
): StreamTickets {
  const { privateKey, publicKey } = typeof keys === 'string' ? ed25519Keys(keys) : keys;
  return {
    async issue({ use, cameraId, userId, credential }) {
      const issuedAt = Math.floor(epochMs() / 1000);
      const expiresAt = issuedAt + ticketMaxAgeMs[use] / 1000;
      const ticket = await new SignJWT({ ...claimsOf(credential), use, camera: cameraId })
        .setProtectedHeader(header)
        .setSubject(userId)
        .setIssuer(issuer)
        .setAudience(audience)
        .setJti(randomUUID())
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(privateKey);
      return { ticket, expiresAt: new Date(expiresAt * 1000).toISOString() };
    },
    verify(ticket) {
      const payload = signedPayload(ticket, publicKey);
      const parsed = claimsSchema.safeParse(payload);
      if (!parsed.success) return 'the ticket is not valid';
      const claims = parsed.data;
      const expiresMs = claims.exp * 1000;
      if (expiresMs <= epochMs()) return 'the ticket has expired';
      if (claims.nbf !== undefined && claims.nbf * 1000 > epochMs()) return 'the ticket is not valid yet';
      return {
        id: claims.jti,
        use: claims.use,
        cameraId: claims.camera,
        userId: claims.sub,
        credential: credentialOf(claims),
        expiresMs,
      };
    },
  };
}

type CredentialClaims = z.infer<typeof credentialSchema>;

function claimsOf({ kind, id, ...external }: Credential): Record<string, unknown> {
  return { kind, sid: id, ...('issuer' in external ? { external } : {}) };
}

function credentialOf(claims: CredentialClaims): Credential {
  const { sid: id } = claims;
  return 'external' in claims ? { kind: claims.kind, id, ...claims.external } : { kind: claims.kind, id };
}

/**
 * The payload of a ticket that this installation signed (RFC 7515, section 5.2), else undefined. Synchronous: the thread
 * pool, which `jose` uses, is also busy with password hashes, and a signature takes 0.1 ms.
 */
function signedPayload(ticket: string, publicKey: KeyObject): unknown {
  const [head, body = '', signature = '', ...others] = ticket.split('.', 4);
  if (head !== encodedHeader || others.length > 0) return undefined;
  const bytes = Buffer.from(signature, 'base64url');
  if (bytes.length !== signatureBytes) return undefined;
  if (!verify(null, Buffer.from(`${head}.${body}`), publicKey, bytes)) return undefined;
  return JSON.parse(Buffer.from(body, 'base64url').toString());
}

/** An Ed25519 key pair from 32 bytes: a PKCS #8 document has a fixed head before them (RFC 8410, section 7). */
function ed25519Keys(secret: string) {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'camplane stream tickets', 32));
  const head = Buffer.from('302e020100300506032b657004220420', 'hex');
  const privateKey = createPrivateKey({ key: Buffer.concat([head, seed]), format: 'der', type: 'pkcs8' });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}
