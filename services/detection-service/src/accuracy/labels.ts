import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const labelledPersonSchema = z.strictObject({
  x: z.int().min(0),
  y: z.int().min(0),
  width: z.int().min(1),
  height: z.int().min(1),
  /** Walks, or otherwise changes place within half a second. Who stands may still move arms and head. */
  moving: z.boolean(),
  /** About a third or more is hidden, or outside the picture. */
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

/** What a pair of eyes saw in the footage; how, says the README.md beside it. */
export async function readLabels(): Promise<Labels> {
  const text = await readFile(new URL('./vtest-labels.json', import.meta.url), 'utf8');
  return labelsSchema.parse(JSON.parse(text));
}
