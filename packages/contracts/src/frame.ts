import { z } from 'zod';
import { detectionSchema } from './camera.ts';
import { describeIssues } from './topic.ts';
import type { Parsed, Topic, TopicHeaders } from './topic.ts';

/** A frame without its JPEG. */
export const frameMetadataSchema = z.object({
  /** Time of arrival from the camera, in milliseconds since the epoch. */
  capturedAt: z.int().min(0),
  /** Incremented by one for each frame of a run; restarts with each run of the stream. */
  sequence: z.int().min(0),
  /** Pixels. */
  width: z.int().min(1).max(16_384),
  height: z.int().min(1).max(16_384),
  /** Detection settings of the camera. Part of the frame, so that detectors need no other source of configuration. */
  detection: detectionSchema,
});
export type FrameMetadata = z.infer<typeof frameMetadataSchema>;

/** A frame for the detectors. Receivers share it and must not change it. */
export type Frame = FrameMetadata & { jpeg: Uint8Array };

/** Enough for a 4K frame at the best quality. Publishers refuse larger ones. */
export const frameMaxBytes = 4 * 1024 * 1024;

const headerText = z.string().max(64 * 1024);
const wholeNumber = z.string().max(16).regex(/^\d+$/, 'must be a whole number').transform(Number);

/** {@link FrameMetadata} as Kafka headers, which are text. */
const frameHeadersSchema = z.object({
  'captured-at': wholeNumber,
  sequence: wholeNumber,
  width: wholeNumber,
  height: wholeNumber,
  detection: headerText,
});

/** Key: the camera id. Body: the JPEG. A slow consumer drops frames, oldest first. */
export const framesTopic: Topic<Frame> = {
  name: 'camplane.frames',
  compacted: false,
  retentionMs: 5 * 60_000,
  maxBytes: frameMaxBytes,
  parse(value) {
    const { jpeg, ...metadata } = value as Partial<Frame>;
    return jpeg instanceof Uint8Array
      ? frameOf(metadata, jpeg)
      : { ok: false, message: 'jpeg: must be bytes' };
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
    const metadata = metadataOf(headers);
    return metadata.ok ? frameOf(metadata.value, body) : metadata;
  },
  copy: (frame) => frame,
};

function metadataOf(headers: TopicHeaders): Parsed<unknown> {
  const parsed = frameHeadersSchema.safeParse(headers);
  if (!parsed.success) return { ok: false, message: `header ${describeIssues(parsed.error)}` };
  const { 'captured-at': capturedAt, detection, ...size } = parsed.data;
  try {
    return { ok: true, value: { ...size, capturedAt, detection: JSON.parse(detection) as unknown } };
  } catch {
    return { ok: false, message: 'header detection: is not JSON' };
  }
}

function frameOf(metadata: unknown, jpeg: Uint8Array): Parsed<Frame> {
  if (jpeg.byteLength === 0) return { ok: false, message: 'the frame is empty' };
  if (jpeg.byteLength > frameMaxBytes) {
    return { ok: false, message: `the frame has ${jpeg.byteLength} bytes, more than ${frameMaxBytes}` };
  }
  const parsed = frameMetadataSchema.safeParse(metadata);
  return parsed.success
    ? { ok: true, value: { ...parsed.data, jpeg } }
    : { ok: false, message: describeIssues(parsed.error) };
}
