import { z } from 'zod';

/**
 * Schemas for environment variables. Each takes a string and describes the accepted values in its `meta` description,
 * which the generated reference quotes. For an optional variable, add `.optional()`.
 */

/** A port: 0 (any free one) to 65535. */
export const portValue = wholeNumber(0, 65_535, 'must be a port, 0 to 65535').meta({
  description: 'port, 0–65535; 0 takes a free one',
});

/** `on`, `off`, `true` or `false`, in any case. */
export const switchValue = z
  .string()
  .transform((text) => text.toLowerCase())
  .pipe(z.enum(['on', 'off', 'true', 'false'], 'must be on or off'))
  .transform((text) => text === 'on' || text === 'true')
  .meta({ description: '`on` or `off`' });

/** A whole number between two inclusive bounds. */
export function integerValue(min: number, max: number) {
  return wholeNumber(min, max, `must be a whole number from ${min} to ${max}`).meta({
    description: `whole number, ${min}–${max}`,
  });
}

/** A decimal number between two inclusive bounds. */
export function numberValue(min: number, max: number) {
  return z
    .string()
    .regex(/^-?\d+(\.\d+)?$/, `must be a number from ${min} to ${max}`)
    .transform(Number)
    .refine((number) => number >= min && number <= max, `must be a number from ${min} to ${max}`)
    .meta({ description: `number, ${min}–${max}` });
}

/** One of the given words. */
export function wordValue<const W extends readonly [string, ...string[]]>(words: W) {
  return z
    .enum(words, `must be one of ${words.join(', ')}`)
    .meta({ description: words.map((word) => `\`${word}\``).join(', ') });
}

/** Text of bounded length, without control characters. */
export function textValue(maxLength = 1024) {
  return z
    .string()
    .min(1, 'must not be empty')
    .max(maxLength, `must be at most ${maxLength} characters`)
    .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters')
    .meta({ description: 'text' });
}

/** An absolute URL of one of the given schemes, written without a colon. Returns the string. */
export function urlValue(schemes: readonly [string, ...string[]] = ['http', 'https']) {
  const message = `must be a URL beginning with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  return z
    .string()
    .refine(
      (text) => URL.canParse(text) && schemes.some((scheme) => text.startsWith(`${scheme}://`)),
      message,
    )
    .meta({ description: `URL: ${schemes.map((scheme) => `\`${scheme}://…\``).join(', ')}` });
}

const unitsMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** A duration, written `500`, `500ms`, `5s`, `2m` or `1h`. Returns milliseconds; the bounds are in milliseconds. */
export function durationMsValue(minMs: number, maxMs: number) {
  const message = `must be a time from ${minMs} ms to ${maxMs} ms, written like 500ms, 5s or 2m`;
  return z
    .string()
    .regex(/^\d{1,12}(ms|s|m|h)?$/, message)
    .transform((text) => {
      const unit = /[a-z]+$/.exec(text)?.[0] as keyof typeof unitsMs | undefined;
      return Number.parseInt(text, 10) * unitsMs[unit ?? 'ms'];
    })
    .refine((ms) => ms >= minMs && ms <= maxMs, message)
    .meta({ description: `time, ${minMs} ms – ${maxMs} ms, such as \`500ms\` or \`5s\`` });
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The minimum level of logged events. */
export const logLevelValue = wordValue(logLevels);

function wholeNumber(min: number, max: number, message: string) {
  return z
    .string()
    .regex(/^-?\d{1,15}$/, message)
    .transform(Number)
    .refine((number) => number >= min && number <= max, message);
}
