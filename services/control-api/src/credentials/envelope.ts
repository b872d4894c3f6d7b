import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { credentialsSchema } from '@camplane/contracts/camera';
import type { Credentials } from '@camplane/contracts/camera';
import { z } from 'zod';
import type { CredentialsKey } from './credentials-key.ts';

const algorithm = 'aes-256-gcm';
/** The length that NIST SP 800-38D, section 8.2 recommends. A random one is safe for 2^32 messages of one key. */
const nonceBytes = 12;
const tagBytes = 16;
const version = 1;

const envelopeSchema = z.strictObject({
  version: z.literal(version),
  /** Id of the key. */
  key: z.string().regex(/^[0-9a-f]{16}$/),
  nonce: z.base64(),
  /** The credentials as encrypted JSON. */
  data: z.base64(),
  tag: z.base64(),
});
export type Envelope = z.infer<typeof envelopeSchema>;

/** Credentials as they are stored: encrypted, or plain as version 0.1 wrote them. */
export type Opened =
  | { kind: 'encrypted'; credentials: Credentials; keyId: string }
  | { kind: 'plain'; credentials: Credentials }
  | { kind: 'none' }
  /** `problem` is for people, names the remedy, and contains nothing secret. */
  | { kind: 'unreadable'; problem: string };

/** Encrypts the credentials of a camera with AES-256-GCM. They can be decrypted for the same camera id only. */
export function sealCredentials(key: CredentialsKey, cameraId: string, credentials: Credentials): Envelope {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key.secret, nonce, { authTagLength: tagBytes });
  cipher.setAAD(boundData(key.id, cameraId));
  const data = Buffer.concat([cipher.update(JSON.stringify(credentials), 'utf8'), cipher.final()]);
  return {
    version,
    key: key.id,
    nonce: nonce.toString('base64'),
    data: data.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
  };
}

/** Reads the stored credentials of a camera. Never throws: a value that cannot be read is an expected outcome. */
export function openCredentials(keys: readonly CredentialsKey[], cameraId: string, stored: unknown): Opened {
  if (stored === null) return { kind: 'none' };
  const plain = credentialsSchema.safeParse(stored);
  if (plain.success) return { kind: 'plain', credentials: plain.data };
  const envelope = envelopeSchema.safeParse(stored);
  if (!envelope.success) {
    return unreadable('The stored password has an unknown format, of a newer version or damaged', enterAgain);
  }
  const key = keys.find(({ id }) => id === envelope.data.key);
  if (!key) {
    return unreadable(
      `The stored password is encrypted with the key ${envelope.data.key}, which is not configured`,
      `start with that key as CAMPLANE_CREDENTIALS_KEY_PREVIOUS or in the key file's .previous, or ${enterAgain}`,
    );
  }
  const credentials = decrypt(key, cameraId, envelope.data);
  if (!credentials) {
    return unreadable('The stored password was altered or belongs to another camera', enterAgain);
  }
  return { kind: 'encrypted', credentials, keyId: key.id };
}

const enterAgain = 'enter the user name and password of the camera again';

function unreadable(what: string, remedy: string): Opened {
  return { kind: 'unreadable', problem: `${what}: ${remedy}` };
}

function decrypt(key: CredentialsKey, cameraId: string, envelope: Envelope): Credentials | undefined {
  try {
    const nonce = Buffer.from(envelope.nonce, 'base64');
    const decipher = createDecipheriv(algorithm, key.secret, nonce, { authTagLength: tagBytes });
    decipher.setAAD(boundData(key.id, cameraId));
    decipher.setAuthTag(Buffer.from(envelope.tag, 'base64'));
    const text = Buffer.concat([decipher.update(Buffer.from(envelope.data, 'base64')), decipher.final()]);
    return credentialsSchema.parse(JSON.parse(text.toString('utf8')));
  } catch {
    return undefined;
  }
}

/** Authenticated with the credentials. Neither a key id nor a camera id contains a slash. */
function boundData(keyId: string, cameraId: string): Buffer {
  return Buffer.from(`camplane/camera-credentials/${version}/${keyId}/${cameraId}`);
}
