import type { Writable } from 'node:stream';
import { styleText } from 'node:util';

export type Tone = 'good' | 'bad' | 'doubtful' | 'faint' | 'heading';

/** Where a command writes: for people, or one JSON document. */
export type Output = {
  line(text?: string): void;
  /** Coloured where people see it: not in a pipe, not with NO_COLOR. */
  tone(tone: Tone, text: string): string;
  bytes(data: Uint8Array): void;
  /** Whether what is written goes to a screen. */
  readonly isScreen: boolean;
};

const formats = { good: 'green', bad: 'red', doubtful: 'yellow', faint: 'dim', heading: 'bold' } as const;

export function createOutput(stream: Writable & { isTTY?: boolean }): Output {
  const isScreen = stream.isTTY === true;
  return {
    isScreen,
    line: (text = '') => void stream.write(`${text}\n`),
    // `styleText` itself looks at NO_COLOR and the like.
    tone: (tone, text) =>
      isScreen ? styleText(formats[tone], text, { stream, validateStream: true }) : text,
    bytes: (data) => void stream.write(data),
  };
}

/**
 * Columns as wide as their widest cell, two spaces apart; the last is as long as it likes. A column without a single
 * value is left out.
 */
export function tableLines(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const kept = heads
    .map((_, column) => column)
    .filter((column) => rows.some((row) => (row[column] ?? '') !== ''));
  const cellsOf = (row: readonly string[]) => kept.map((column) => row[column] ?? '');
  const lines = [cellsOf(heads), ...rows.map(cellsOf)];
  const widths = kept.map((_, index) => Math.max(...lines.map((cells) => widthOf(cells[index] ?? ''))));
  return lines.map((cells) =>
    cells
      .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - widthOf(cell) + 2))
      .join('')
      .trimEnd(),
  );
}

/** In characters as a screen shows them, near enough. */
function widthOf(text: string): number {
  return [...text].length;
}

/** Text of others (messages, names) without what would move the cursor of a terminal. */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();
}
