import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StartupError } from '@camplane/service-kit/startup-error';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { createKeyFile } from './key-file.ts';
import { loadCredentialsKeys } from './load-keys.ts';

let folder: TemporaryFolder;
let dataDir: string;
let file: string;

beforeEach(async () => {
  folder = await createTemporaryFolder();
  dataDir = join(folder.path, 'data');
  file = join(dataDir, 'credentials.key');
});

afterEach(() => folder.remove());

const randomKey = () => randomBytes(32).toString('base64');
const ids = (config: Partial<Parameters<typeof loadCredentialsKeys>[0]> = {}) =>
  loadCredentialsKeys({ dataDir, ...config }).map(({ id }) => id);

describe('the key file', () => {
  it('is created once, for its owner alone, and read again', () => {
    const created = ids();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(ids()).toEqual(created);
    expect(readdirSync(dataDir)).toEqual(['credentials.key']);
  });

  it('is not replaced by a process that creates it at the same time', () => {
    const created = ids();
    createKeyFile(file);
    expect(ids()).toEqual(created);
  });

  it.each([0o640, 0o604, 0o666, 0o620])('is refused with the mode %o, and the remedy', (mode) => {
    ids();
    chmodSync(file, mode);
    expect(() => ids()).toThrow(StartupError);
    expect(() => ids()).toThrow(`chmod 600 ${file}`);
  });

  it.each(['', 'short\n', `${randomBytes(31).toString('base64')}\n`, 'x'.repeat(100_000)])(
    'is refused and kept if it is not a key (%#)',
    (content) => {
      ids();
      writeFileSync(file, content);
      expect(() => ids()).toThrow(`${file} is not a key`);
      expect(readFileSync(file, 'utf8')).toBe(content);
    },
  );

  it('may be another one', () => {
    const elsewhere = join(folder.path, 'etc/my.key');
    const [id] = ids({ credentialsKeyFile: elsewhere });
    expect(ids({ credentialsKeyFile: elsewhere })).toEqual([id]);
    expect(existsSync(file)).toBe(false);
  });

  it('that cannot be created names the remedy', () => {
    writeFileSync(join(folder.path, 'data'), 'a file in place of the folder');
    expect(() => ids()).toThrow(/credentials\.key/);
    expect(() => ids()).toThrow(StartupError);
  });
});

describe('the keys of stored credentials', () => {
  it('come from the variable, which creates no file', () => {
    expect(ids({ credentialsKey: randomKey() })).toHaveLength(1);
    expect(existsSync(dataDir)).toBe(false);
  });

  it('begin with the current one, followed by previous ones', () => {
    const [old] = ids();
    const key = randomKey();
    const [current] = ids({ credentialsKey: key, dataDir: folder.path });
    expect(ids({ credentialsKey: key })).toEqual([current, old]);
    expect(ids({ credentialsKeyPrevious: key })).toEqual([old, current]);
    writeFileSync(`${file}.previous`, `${key}\n`, { mode: 0o600 });
    expect(ids()).toEqual([old, current]);
  });

  it('are refused if a key and a file are both set', () => {
    expect(() => ids({ credentialsKey: randomKey(), credentialsKeyFile: file })).toThrow('both set');
  });

  it('are refused without their value if they are not valid', () => {
    expect(() => ids({ credentialsKey: 'canary' })).toThrow(/^CAMPLANE_CREDENTIALS_KEY must be 32 random/);
    expect(() => ids({ credentialsKey: 'canary' })).not.toThrow(/canary/);
  });
});
