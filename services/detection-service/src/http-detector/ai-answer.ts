import { detectionsPerResultMax, labelSchema } from '@camplane/contracts/detection';
import type { Found } from '@camplane/contracts/detection';
import { describeIssues } from '@camplane/contracts/topic';
import { z } from 'zod';
import { fractionsOf } from '../detect/boxes.ts';
import type { Box } from '../detect/boxes.ts';

/** A response with more entries is an error. */
const entriesMax = 1000;

/** Positions may be outside the image, for objects that are partly in it. */
const edge = z.number().min(-1_000_000).max(1_000_000);
const size = z.number().min(0).max(1_000_000);

const answerSchema = z.array(
  z.object({
    label: labelSchema,
    confidence: z.number().min(0).max(1),
    boundingBox: z.object({ x: edge, y: edge, width: size, height: size }),
  }),
);

export type ParsedAnswer =
  | { ok: true; found: Found[] }
  | { ok: false; kind: 'not-json' | 'wrong-shape' | 'too-large'; message: string };

/**
 * Parses a response of the AI service. A box with any value above 1 is in image pixels, others are fractions. Boxes are
 * clipped to the image, and those outside are dropped. Highest confidence first.
 */
export function parseAiAnswer(
  text: string,
  image: { width: number; height: number },
  minConfidence: number,
): ParsedAnswer {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, kind: 'not-json', message: 'the response is not JSON' };
  }
  if (Array.isArray(json) && json.length > entriesMax) {
    const message = `the response has ${json.length} entries, more than ${entriesMax}`;
    return { ok: false, kind: 'too-large', message };
  }
  const parsed = answerSchema.safeParse(json);
  if (!parsed.success) {
    const message = `the response is not an array of {label, confidence, boundingBox}: ${describeIssues(parsed.error)}`;
    return { ok: false, kind: 'wrong-shape', message };
  }
  const found = parsed.data
    .filter(({ confidence }) => confidence >= minConfidence)
    .map((entry) => ({ ...entry, boundingBox: inFractions(entry.boundingBox, image) }))
    .filter(({ boundingBox }) => boundingBox.width > 0 && boundingBox.height > 0)
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, detectionsPerResultMax);
  return { ok: true, found };
}

function inFractions(box: Box, image: { width: number; height: number }): Box {
  const inPixels = [box.x, box.y, box.width, box.height].some((value) => value > 1);
  return fractionsOf(box, inPixels ? image : { width: 1, height: 1 });
}
