import { z } from 'zod';
import { numberParameter } from './query-parameters.ts';

/*
 * Live JPEG over WebSocket (R4): its qualities and JSON messages. Each binary message is a JPEG.
 */

export const jpegQualitySchema = z.enum(['low', 'medium', 'high']);
export type JpegQuality = z.infer<typeof jpegQualitySchema>;

/** Pictures fit into `width` × `height` and are never scaled up. `jpegQuality`: 1–100. */
export const jpegQualities = {
  low: { width: 640, height: 360, fps: 5, jpegQuality: 70 },
  medium: { width: 1280, height: 720, fps: 10, jpegQuality: 80 },
  high: { width: 1920, height: 1080, fps: 15, jpegQuality: 90 },
} as const satisfies Record<JpegQuality, object>;

/** Answer of `readJpegInfo`. */
export const jpegInfoSchema = z.object({
  type: z.literal('jpeg'),
  /** Path of the WebSocket, of the multipart stream and of the snapshot, on the origin of this answer. */
  url: z.string(),
  mjpegUrl: z.string(),
  snapshotUrl: z.string(),
  defaultQuality: jpegQualitySchema,
  qualities: z.array(
    z.object({
      name: jpegQualitySchema,
      width: z.int(),
      height: z.int(),
      fps: z.int(),
      jpegQuality: z.int(),
    }),
  ),
});
export type JpegInfo = z.infer<typeof jpegInfoSchema>;

const ticketParameter = z
  .string()
  .min(1, 'must not be empty')
  .max(4096, 'must be at most 4096 characters')
  .optional()
  .describe('Ticket of `createTicket` with the use `address`, for clients that cannot send headers');

/** Query of `followJpeg` and `readMjpeg`. */
export const jpegStreamQuerySchema = z.strictObject({
  quality: jpegQualitySchema.optional().describe('`STREAM_DEFAULT_QUALITY` if not given'),
  ticket: ticketParameter,
});
export type JpegStreamQuery = z.infer<typeof jpegStreamQuerySchema>;

/** Query of `readJpegSnapshot`. */
export const jpegSnapshotQuerySchema = z.strictObject({
  width: numberParameter(
    z
      .int('must be a whole number')
      .min(16, 'must be at least 16 pixels')
      .max(1920, 'must be at most 1920 pixels'),
  )
    .optional()
    .describe('Pixels. The picture is never scaled up'),
});
export type JpegSnapshotQuery = z.infer<typeof jpegSnapshotQuerySchema>;

/** The first message of a client that has sent no credential: a ticket for headers, or an API token. */
export const jpegAuthMessageSchema = z.strictObject({
  type: z.literal('auth'),
  token: z.string().min(1, 'must not be empty').max(4096, 'must be at most 4096 characters'),
});

/** Messages of `followJpeg` from the client. */
export const jpegClientMessageSchema = z.discriminatedUnion('type', [
  jpegAuthMessageSchema,
  z.strictObject({ type: z.literal('quality'), quality: jpegQualitySchema }),
  z.strictObject({ type: z.literal('ping') }),
  z.strictObject({ type: z.literal('info') }),
]);
export type JpegClientMessage = z.infer<typeof jpegClientMessageSchema>;

/**
 * Whether pictures are sent.
 *
 * - `live`: they are
 * - `starting`: the first is awaited
 * - `offline`: the camera sends no video, and `reason` and `message` say why. Pictures follow without a new request
 */
export const jpegStreamStateSchema = z.enum(['live', 'starting', 'offline']);
export type JpegStreamState = z.infer<typeof jpegStreamStateSchema>;

/** Messages of `followJpeg` from the server, besides the pictures. */
export const jpegServerMessageSchema = z.discriminatedUnion('type', [
  /** On connecting, on request, and when something in it changes. */
  z.object({
    type: z.literal('info'),
    quality: jpegQualitySchema,
    state: jpegStreamStateSchema,
    /** A CamelCase word for programs; `message` is for people. Null while live. */
    reason: z.string().nullable(),
    message: z.string().nullable(),
    /** Size of the latest picture; null before the first. */
    picture: z.object({ width: z.int(), height: z.int() }).nullable(),
  }),
  z.object({ type: z.literal('pong') }),
  /** `code`: `invalid-message`, or the code of a problem. The connection stays open unless a close follows. */
  z.object({ type: z.literal('error'), code: z.string(), message: z.string() }),
]);
export type JpegServerMessage = z.infer<typeof jpegServerMessageSchema>;

/** Codes with which the server closes `followJpeg`, after the HTTP statuses (RFC 6455, section 7.4.2: 4000–4999). */
export const jpegCloseCodes = {
  /** No valid credential, or its session or API token has ended. */
  unauthenticated: 4401,
  /** The camera does not exist, or the right to view it has ended. */
  notFound: 4404,
  /** The limit of running streams or of clients is reached. */
  limit: 4429,
} as const;
