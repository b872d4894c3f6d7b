import { labelSchema } from '@camplane/contracts/detection';
import { ModelError } from './model-error.ts';

export const labelFileMaxBytes = 256 * 1024;
const labelsMax = 10_000;

/**
 * The class names of a model, one per line, in the order of the model. Trailing empty lines are ignored.
 *
 * @param path for error messages
 * @throws {ModelError} `labels`, naming the line
 */
export function parseLabels(bytes: Uint8Array, path: string): string[] {
  const refuse = (what: string) =>
    new ModelError(
      'labels',
      `ONNX_LABELS: ${path} ${what}; write one class name per line, in the order of the model, and nothing else`,
    );
  if (bytes.byteLength > labelFileMaxBytes) throw refuse(`has more than ${labelFileMaxBytes} bytes`);
  const text = decodeUtf8(bytes);
  if (text === undefined) throw refuse('is not UTF-8 text');
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.trim());
  while (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) throw refuse('is empty');
  if (lines.length > labelsMax) throw refuse(`has ${lines.length} lines, more than ${labelsMax}`);
  const seen = new Map<string, number>();
  for (const [index, line] of lines.entries()) {
    const problem = describeProblem(line, seen.get(line));
    if (problem !== undefined) throw refuse(`${problem} (line ${index + 1})`);
    seen.set(line, index + 1);
  }
  return lines;
}

function describeProblem(line: string, before: number | undefined): string | undefined {
  if (line === '') return 'has an empty line between names';
  if (/^[[{]|^[\w-]+\s*:(\s|$)|^-\s/.test(line)) return 'looks like JSON or YAML, not like names';
  if (/\p{Cc}/u.test(line)) return 'has control characters in a name';
  if (!labelSchema.safeParse(line).success) return 'has a name of more than 64 characters';
  return before === undefined ? undefined : `repeats the name in line ${before}`;
}

/** Also drops a byte order mark. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
