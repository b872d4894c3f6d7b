import { ModelError } from './model-error.ts';

/** Class name → minimum confidence, 0–1. */
export type Thresholds = Readonly<Record<string, number>>;

const entriesMax = 1000;

/**
 * Parses `person=0.4,car=0.6`.
 */
export function parseThresholds(
  text: string,
): { ok: true; thresholds: Thresholds } | { ok: false; message: string } {
  const thresholds = new Map<string, number>();
  const entries = text.split(',');
  if (entries.length > entriesMax) return { ok: false, message: `must have at most ${entriesMax} entries` };
  for (const entry of entries) {
    const at = entry.lastIndexOf('=');
    const name = entry.slice(0, Math.max(0, at)).trim();
    const value = entry.slice(at + 1).trim();
    if (name === '') return { ok: false, message: 'must be written like person=0.4,car=0.6' };
    if (!/^(0(\.\d+)?|\.\d+|1(\.0+)?)$/.test(value)) {
      return { ok: false, message: `must have a number from 0 to 1 for each class, such as ${name}=0.4` };
    }
    if (thresholds.has(name)) return { ok: false, message: `must name ${name} once` };
    thresholds.set(name, Number(value));
  }
  return { ok: true, thresholds: Object.fromEntries(thresholds) };
}

/**
 * The threshold of each class, in the order of the labels; 0 where none is set.
 *
 * @throws {ModelError} `thresholds` for a class that the model does not have
 */
export function thresholdsByClass(labels: readonly string[], thresholds: Thresholds): number[] {
  const unknown = Object.keys(thresholds).find((name) => !labels.includes(name));
  if (unknown !== undefined) {
    throw new ModelError(
      'thresholds',
      `ONNX_MIN_CONFIDENCE names ${JSON.stringify(unknown)}, which is not in the file of ONNX_LABELS: correct it ` +
        `or remove it (the file starts with ${labels.slice(0, 5).join(', ')})`,
    );
  }
  const given = new Map(Object.entries(thresholds));
  return labels.map((label) => given.get(label) ?? 0);
}
