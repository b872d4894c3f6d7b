const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** An age in one or two units, like kubectl: `45s`, `3m20s`, `5h`, `12d`. Empty for an invalid time. */
export function ageOf(time: string | undefined, nowMs: number): string {
  const ms = Date.parse(time ?? '');
  if (Number.isNaN(ms)) return '';
  const seconds = Math.max(0, Math.floor((nowMs - ms) / 1000));
  const index = units.findIndex(([, size]) => seconds >= size);
  const [unit, size] = units[index] ?? ['s', 1];
  const whole = Math.floor(seconds / size);
  const next = units[index + 1];
  const rest = next ? Math.floor((seconds % size) / next[1]) : 0;
  return next && whole < 10 && rest > 0 ? `${whole}${unit}${rest}${next[0]}` : `${whole}${unit}`;
}
