import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parsePasswordReset } from '@camplane/contracts/password-reset';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPasswordResets } from './password-resets.ts';

let temporary: Awaited<ReturnType<typeof createTemporaryFolder>>;
let folder: string;
let reset: string[];
beforeEach(async () => {
  temporary = await createTemporaryFolder();
  folder = join(temporary.path, 'password-reset');
  reset = [];
});
afterEach(() => temporary.remove());

const resets = () =>
  createPasswordResets(folder, (username) => {
    reset.push(username);
    return Promise.resolve(
      username === 'stranger' ? { refused: 'There is no user stranger' } : { password: 'new' },
    );
  });

describe('password resets', () => {
  it('answer an empty file once, readable by its owner alone', async () => {
    await resets().prepare();
    await writeFile(join(folder, 'admin'), '', { mode: 0o666 });
    await resets().answer();
    await resets().answer();
    expect(reset).toEqual(['admin']);
    expect(parsePasswordReset(await readFile(join(folder, 'admin'), 'utf8'))).toEqual({ password: 'new' });
    expect((await stat(join(folder, 'admin'))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['admin']);
  });

  it('answer with the reason of a refusal', async () => {
    await resets().prepare();
    await writeFile(join(folder, 'stranger'), '');
    await resets().answer();
    expect(parsePasswordReset(await readFile(join(folder, 'stranger'), 'utf8'))).toEqual({
      refused: 'There is no user stranger',
    });
  });

  it('close a folder that others could write in', async () => {
    await mkdir(folder);
    await chmod(folder, 0o777);
    await resets().prepare();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('ignore links, folders and names that no user can have', async () => {
    await resets().prepare();
    const elsewhere = join(temporary.path, 'elsewhere');
    await writeFile(elsewhere, '');
    await symlink(elsewhere, join(folder, 'linked'));
    await mkdir(join(folder, 'nested'));
    await writeFile(join(folder, 'Not A Name'), '');
    await resets().answer();
    expect(reset).toEqual([]);
    expect(await readFile(elsewhere, 'utf8')).toBe('');
  });
});
