/** Local wall-clock time as `2026-11-21 05:47:34`: constant length, sorts, and reads the same everywhere. */
export function clockText(epochMs: number): string {
  const time = new Date(epochMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${String(time.getFullYear()).padStart(4, '0')}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/**
 * Text that OpenCV's built-in (Hershey) font can draw: printable ASCII. Accents are removed, a few letters
 * are spelled out, anything else becomes `?`.
 */
export function drawableText(text: string): string {
  return text
    .replace(/[ßæœøłđ–—’]/giu, (letter) => spelling[letter] ?? letter)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/gu, '?');
}

const spelling: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  '–': '-',
  '—': '-',
  '’': "'",
};
