import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The blocks of shell commands of a page in docs/guide, in order. */
export async function guideCommands(page: string): Promise<string[]> {
  const file = fileURLToPath(new URL(`../../../docs/guide/${page}`, import.meta.url));
  return [...(await readFile(file, 'utf8')).matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
}

/**
 * Runs a block with bash in a folder, which is also its home. Functions in `before` may replace programs.
 *
 * @returns its standard output
 * @throws an error with the block and its output if a command fails
 */
export async function runGuideCommands(
  block: string,
  options: { folder: string; before?: string; environment?: Record<string, string> },
): Promise<string> {
  const { folder, before = '', environment } = options;
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, ...environment };
  try {
    const script = `set -eu\n${before}\n${block}`;
    const limits = { timeout: 60_000, maxBuffer: 16 * 1024 * 1024 };
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder, env, ...limits });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`a command of the guide failed:\n${block}\n${stdout}\n${stderr}`, { cause: error });
  }
}
