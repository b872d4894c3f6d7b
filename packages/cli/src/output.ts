import type { Writable } from 'node:stream';
import { styleText } from 'node:util';

export type Tone = 'good' | 'bad' | 'doubtful' | 'faint' | 'heading';

/** Standard output of a command. */
export type Output = {
  line(text?: string): void;
  /** Adds colour on a terminal, unless NO_COLOR is set. */
  tone(tone: Tone, text: string): string;
  bytes(data: Uint8Array): void;
  readonly isTerminal: boolean;
};

const formats = { good: 'green', bad: 'red', doubtful: 'yellow', faint: 'dim', heading: 'bold' } as const;

export function createOutput(stream: Writable & { isTTY?: boolean }): Output {
  const isTerminal = stream.isTTY === true;
  return {
    isTerminal,
    line: (text = '') => void stream.write(`${text}\n`),
    // `styleText` respects NO_COLOR.
    tone: (tone, text) =>
      isTerminal ? styleText(formats[tone], text, { stream, validateStream: true }) : text,
    bytes: (data) => void stream.write(data),
  };
}

/**
 * Aligns columns, two spaces apart. Omits columns without a value.
 */
export function tableLines(headers: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const kept = headers
    .map((_, column) => column)
    .filter((column) => rows.some((row) => (row[column] ?? '') !== ''));
  const cellsOf = (row: readonly string[]) => kept.map((column) => row[column] ?? '');
  const lines = [cellsOf(headers), ...rows.map(cellsOf)];
  const widths = kept.map((_, index) => Math.max(...lines.map((cells) => widthOf(cells[index] ?? ''))));
  return lines.map((cells) =>
    cells
      .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - widthOf(cell) + 2))
      .join('')
      .trimEnd(),
  );
}

/** In code points, close enough to terminal columns. */
function widthOf(text: string): number {
  return [...text].length;
}

/** Removes control characters, which could move the cursor, from foreign text. */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();
}
