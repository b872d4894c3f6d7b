import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../../tools/images/cluster-images.sh', import.meta.url));

/** Builds the missing images and returns the archive that contains all of them. */
export async function nodeImages(): Promise<string> {
  const child = spawn(script, [], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let report = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (report += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`building images failed (exit code ${code}):\n${report.slice(-6000)}`);
  return output.trim().split('\n').at(-1) ?? '';
}
