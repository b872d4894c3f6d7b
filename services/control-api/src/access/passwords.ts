import { CamplaneError } from '@camplane/contracts/problem';
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. */
const parameters = { memory: 19 * 1024, passes: 2, parallelism: 1 };
const saltBytes = 16;
const tagBytes = 32;

/** Bounds of stored parameters, so that an edited row cannot exhaust the memory. */
const memoryMaxKiB = 64 * 1024;
const passesMax = 10;

/** Hashes of passwords, in memory and processor time that are bounded: at most `atOnceMax` are computed at a time. */
export type Passwords = {
  /** @returns a PHC string, `$argon2id$v=19$m=…,t=…,p=…$SALT$TAG`. @throws CamplaneError `too-many-requests` */
  hash(password: string): Promise<string>;
  /**
   * Takes the same time for a user that does not exist (`undefined`).
   *
   * @throws CamplaneError `too-many-requests`
   */
  verify(password: string, stored: string | undefined): Promise<boolean>;
};

export function createPasswords({ atOnceMax = 2, waitingMax = 20 } = {}): Passwords {
  const bounded = createBounded(atOnceMax, waitingMax);
  const nonexistent: Parsed = { ...parameters, nonce: randomBytes(saltBytes), tag: randomBytes(tagBytes) };

  return {
    hash: async (password) => {
      const nonce = randomBytes(saltBytes);
      const tag = await bounded(() =>
        derive('argon2id', { ...parameters, message: bytesOf(password), nonce, tagLength: tagBytes }),
      );
      const { memory, passes, parallelism } = parameters;
      return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${encode(nonce)}$${encode(tag)}`;
    },
    verify: async (password, stored) => {
      const parsed = stored === undefined ? undefined : parse(stored);
      const { tag, ...options } = parsed ?? nonexistent;
      const derived = await bounded(() =>
        derive('argon2id', { ...options, message: bytesOf(password), tagLength: tag.length }),
      );
      return timingSafeEqual(derived, tag) && parsed !== undefined;
    },
  };
}

type Parsed = { memory: number; passes: number; parallelism: number; nonce: Buffer; tag: Buffer };

function parse(stored: string): Parsed | undefined {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([\w+/-]{11,86})\$([\w+/-]{22,86})$/.exec(stored);
  if (!match) return undefined;
  const [, memory = '', passes = '', salt = '', tag = ''] = match;
  const parsed = { memory: Number(memory), passes: Number(passes), parallelism: 1 };
  if (parsed.memory > memoryMaxKiB || parsed.passes > passesMax || parsed.memory < 8) return undefined;
  return { ...parsed, nonce: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') };
}

/** The same password typed on another keyboard has the same bytes (NIST SP 800-63B, 3.1.1.2). */
function bytesOf(password: string): Buffer {
  return Buffer.from(password.normalize('NFKC'));
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

/** Runs at most `atOnceMax` tasks at a time; refuses one if `waitingMax` are waiting. */
function createBounded(atOnceMax: number, waitingMax: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running >= atOnceMax) {
      if (waiting.length >= waitingMax) {
        throw new CamplaneError('too-many-requests', 'Too many logins at once: wait, then retry', {
          retryAfterSeconds: 1,
        });
      }
      // The task that ends hands its place over.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running++;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
