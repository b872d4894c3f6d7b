import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecretFile, readSecretFile } from './secret-file.ts';
import { StartupError } from './startup-error.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'camplane-secret-'));
  file = join(folder, 'data', 'secret');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a secret file', () => {
  it('is created for its owner alone, and an existing one stays', () => {
    expect(readSecretFile(file)).toBeUndefined();
    createSecretFile(file, 'first', '');
    createSecretFile(file, 'second', '');
    expect([readSecretFile(file), statSync(file).mode & 0o777]).toEqual(['first', 0o600]);
  });

  it('is refused if others can read it, with the remedy', () => {
    createSecretFile(file, 'first', '');
    chmodSync(file, 0o640);
    expect(() => readSecretFile(file)).toThrow(
      `has the mode 0640 and can be read by others: chmod 600 ${file}`,
    );
  });

  it('is absent after a kill before it was complete, and is created then', () => {
    const program = `
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      fs.linkSync = () => process.kill(process.pid, 'SIGKILL');
      syncBuiltinESMExports();
      const { createSecretFile } = await import(${JSON.stringify(join(import.meta.dirname, 'secret-file.ts'))});
      createSecretFile(${JSON.stringify(file)}, 'killed', '');
      setInterval(() => undefined, 1000);`;
    const { signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      timeout: 30_000,
    });
    expect([signal, existsSync(file)]).toEqual(['SIGKILL', false]);
    createSecretFile(file, 'later', '');
    expect(readFileSync(file, 'utf8')).toBe('later\n');
  });

  it('that cannot be created names the remedy', () => {
    writeFileSync(join(folder, 'data'), 'a file in place of the folder');
    expect(() => createSecretFile(file, 'x', 'Set A_VARIABLE')).toThrow(StartupError);
    expect(() => createSecretFile(file, 'x', 'Set A_VARIABLE')).toThrow(
      /could not be created: .*Set A_VARIABLE/,
    );
  });
});
