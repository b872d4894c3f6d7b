import { createHash, randomBytes } from 'node:crypto';

const secretBytes = 32;
export const tokenPrefix = 'cpl_';

/** 256 random bits, as base64url. */
export function newSecret(): string {
  return randomBytes(secretBytes).toString('base64url');
}

export function newTokenSecret(): string {
  return `${tokenPrefix}${newSecret()}`;
}

/** What is stored of a secret. It is random, so a fast hash suffices: guessing it is as hard as guessing the secret. */
export function hashOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
