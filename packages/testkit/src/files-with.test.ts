import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createSecretFinder, filesWith } from './files-with.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

const secret = 'canary-ä/1234';
const find = createSecretFinder(secret);

describe('createSecretFinder', () => {
  it.each<[string, string | Buffer]>([
    ['plain', `before${secret}after`],
    ['percent-encoded', `rtsp://user:${encodeURIComponent(secret)}@host/`],
    ['hexadecimal', Buffer.from(`x${secret}`).toString('hex')],
    ['UTF-16', Buffer.from(`x${secret}`, 'utf16le')],
    ...['', 'u', 'us', 'user:'].map((before): [string, string] => [
      `base64 after "${before}"`,
      Buffer.from(`${before}${secret}after`).toString('base64'),
    ]),
    ['base64 at the end', Buffer.from(`user:${secret}`).toString('base64')],
    ['base64url', Buffer.from(`us${secret}x`).toString('base64url')],
  ])('finds it %s', (_encoding, content) => {
    expect(find(content)).toBe(true);
  });

  it('does not find another one', () => {
    expect(find(`canary-ö/1234 ${Buffer.from('user:canary-ö/1234').toString('base64')}`)).toBe(false);
  });
});

describe('filesWith', () => {
  it('names the files in all folders below', async () => {
    const folder = await createTemporaryFolder();
    mkdirSync(join(folder.path, 'a/b'), { recursive: true });
    writeFileSync(join(folder.path, 'a/b/found'), `x${secret}`);
    writeFileSync(join(folder.path, 'a/other'), 'x');
    expect(filesWith(folder.path, secret)).toEqual([join(folder.path, 'a/b/found')]);
    await folder.remove();
  });
});
