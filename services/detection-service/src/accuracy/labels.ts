import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const labelledPersonSchema = z.strictObject({
  x: z.int().min(0),
  y: z.int().min(0),
  width: z.int().min(1),
  height: z.int().min(1),
  /** Changes position within half a second. A standing person may move arms and head. */
  moving: z.boolean(),
  /** At least about a third is hidden or outside the frame. */
  partial: z.literal(true).optional(),
  /** Less than 45 pixels high. */
  small: z.literal(true).optional(),
});
export type LabelledPerson = z.infer<typeof labelledPersonSchema>;

const labelsSchema = z.strictObject({
  /** Of the footage, and of the boxes: pixels. */
  width: z.int().min(1),
  height: z.int().min(1),
  /** Frames are numbered from 0. */
  frames: z.array(z.strictObject({ frame: z.int().min(0), people: z.array(labelledPersonSchema) })).min(1),
});
export type Labels = z.infer<typeof labelsSchema>;

/** Labels made by hand; README.md describes how. */
export async function readLabels(): Promise<Labels> {
  const text = await readFile(new URL('./vtest-labels.json', import.meta.url), 'utf8');
  return labelsSchema.parse(JSON.parse(text));
}
