import { createPrivateKey, generateKeyPairSync, hkdfSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Signs any claims with the key of an installation, another one, or none. */
export type TicketForge = {
  signed(claims: object): string;
  signedByAnother(claims: object): string;
  unsigned(claims: object): string;
};

/** @param dataFolder of the installation, whose secret is read */
export async function openTicketForge(dataFolder: string): Promise<TicketForge> {
  const secret = await readFile(join(dataFolder, 'media-ticket-secret'), 'utf8');
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'camplane stream tickets', 32));
  const head = Buffer.from('302e020100300506032b657004220420', 'hex');
  const own = createPrivateKey({ key: Buffer.concat([head, seed]), format: 'der', type: 'pkcs8' });
  const { privateKey: other } = generateKeyPairSync('ed25519');
  return {
    signed: (claims) => tokenOf(claims, own),
    signedByAnother: (claims) => tokenOf(claims, other),
    unsigned: (claims) => `${encode({ alg: 'none' })}.${encode(claims)}.`,
  };
}

function tokenOf(claims: object, key: KeyObject): string {
  const text = `${encode({ alg: 'EdDSA', typ: 'JWT' })}.${encode(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
