import type { BenchResult, BenchRow } from './bench-result.ts';

/** Formats a result as a table with notes below. */
export function formatTable(result: BenchResult): string {
  const header = ['', 'ours', 'control', 'ratio', 'target', ''];
  const rows = result.rows.map((row) => [
    row.name,
    `${round(row.value)} ${row.unit}`,
    row.control === undefined ? '' : `${round(row.control)} ${row.unit}`,
    row.ratio === undefined ? '' : row.ratio.toFixed(2),
    row.target ?? '',
    verdict(row),
  ]);
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: string[]) =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
  return [
    `${result.id}  ${result.title}`,
    line(header),
    ...rows.map(line),
    ...result.notes.map((note) => `  · ${note}`),
    '',
  ].join('\n');
}

function verdict(row: BenchRow): string {
  if (row.met === undefined) return '';
  return row.met ? 'met' : 'MISSED';
}

function round(value: number): string {
  return Math.abs(value) >= 100
    ? value.toFixed(0)
    : Math.abs(value) >= 10
      ? value.toFixed(1)
      : value.toFixed(2);
}
