import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderInUseError, lockFolder } from './folder-lock.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'camplane-lock-'));
  file = join(folder, 'deep', 'database.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a folder lock', () => {
  it('is held by one owner until it is released', () => {
    const release = lockFolder(file);
    expect(() => lockFolder(file)).toThrow(FolderInUseError);
    expect(() => lockFolder(file)).toThrow(`process ${process.pid}`);
    release();
    release();
    lockFolder(file)();
    expect(readdirSync(join(folder, 'deep'))).toEqual([]);
  });

  it.each([
    ['a process that has exited', JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '5', nonce: 'x' })],
    ['a process with the same id', JSON.stringify({ pid: process.pid, startedAt: '5', nonce: 'x' })],
    ['a torn write', '{"pid": 1'],
    ['an empty file', ''],
  ])('left by %s is replaced', (_who, content) => {
    lockFolder(file)();
    writeFileSync(file, content);
    const release = lockFolder(file);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['database.lock']);
    release();
  });

  it('of another owner is not released', () => {
    const release = lockFolder(file);
    writeFileSync(file, JSON.stringify({ pid: 1, startedAt: '', nonce: 'theirs' }));
    release();
    expect(readdirSync(join(folder, 'deep'))).toEqual(['database.lock']);
  });
});
