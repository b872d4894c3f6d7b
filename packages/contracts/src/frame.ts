import { z } from 'zod';
import { detectionSchema } from './camera.ts';
import { faultsOf } from './topic.ts';
import type { Parsed, Topic, TopicHeaders } from './topic.ts';

/** What the picture of a frame is accompanied by. */
export const frameFactsSchema = z.object({
  /** When the frame was taken over from the camera: milliseconds since 1970. */
  capturedAt: z.int().min(0),
  /** Rises by one with each frame of a run of a camera's stream; begins anew with each run. */
  sequence: z.int().min(0),
  /** Pixels. */
  width: z.int().min(1).max(16_384),
  height: z.int().min(1).max(16_384),
  /**
   * How the camera wants the frame looked at. It travels with the frame, so that whoever looks needs no second
   * source of truth, and a change is in force with the next frame.
   */
  detection: detectionSchema,
});
export type FrameFacts = z.infer<typeof frameFactsSchema>;

/** One picture of a camera on the way to the detectors. Read alone by all who receive it: it is not copied. */
export type Frame = FrameFacts & { jpeg: Uint8Array };

/** A 4K picture at the best quality; more is refused where it is published. */
export const frameMaxBytes = 4 * 1024 * 1024;

const headerText = z.string().max(64 * 1024);
const wholeNumber = z.string().max(16).regex(/^\d+$/, 'must be a whole number').transform(Number);

/** Frames as Kafka headers tell of them: text alone. */
const frameHeadersSchema = z.object({
  'captured-at': wholeNumber,
  sequence: wholeNumber,
  width: wholeNumber,
  height: wholeNumber,
  detection: headerText,
});

/** Key: the camera id. The body is the JPEG itself. May be dropped, oldest first, wherever somebody falls behind. */
export const framesTopic: Topic<Frame> = {
  name: 'camplane.frames',
  compacted: false,
  retentionMs: 5 * 60_000,
  maxBytes: frameMaxBytes,
  parse(value) {
    const { jpeg, ...facts } = value as Partial<Frame>;
    return jpeg instanceof Uint8Array ? frameOf(facts, jpeg) : { ok: false, message: 'jpeg: must be bytes' };
  },
  encode: ({ jpeg, capturedAt, sequence, width, height, detection }) => ({
    body: jpeg,
    headers: {
      'captured-at': String(capturedAt),
      sequence: String(sequence),
      width: String(width),
      height: String(height),
      detection: JSON.stringify(detection),
    },
  }),
  decode(body, headers) {
    const facts = factsOf(headers);
    return facts.ok ? frameOf(facts.value, body) : facts;
  },
  copy: (frame) => frame,
};

function factsOf(headers: TopicHeaders): Parsed<unknown> {
  const parsed = frameHeadersSchema.safeParse(headers);
  if (!parsed.success) return { ok: false, message: `header ${faultsOf(parsed.error)}` };
  const { 'captured-at': capturedAt, detection, ...size } = parsed.data;
  try {
    return { ok: true, value: { ...size, capturedAt, detection: JSON.parse(detection) as unknown } };
  } catch {
    return { ok: false, message: 'header detection: is not JSON' };
  }
}

function frameOf(facts: unknown, jpeg: Uint8Array): Parsed<Frame> {
  if (jpeg.byteLength === 0) return { ok: false, message: 'the picture is empty' };
  if (jpeg.byteLength > frameMaxBytes) {
    return { ok: false, message: `the picture has ${jpeg.byteLength} bytes, more than ${frameMaxBytes}` };
  }
  const parsed = frameFactsSchema.safeParse(facts);
  return parsed.success
    ? { ok: true, value: { ...parsed.data, jpeg } }
    : { ok: false, message: faultsOf(parsed.error) };
}
