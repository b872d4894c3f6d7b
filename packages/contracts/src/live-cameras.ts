import { z } from 'zod';
import { cameraIdSchema } from './camera-id.ts';
import { jpegAuthMessageSchema, jpegQualitySchema, jpegServerMessageSchema } from './jpeg-stream.ts';

/*
 * Live JPEG of many cameras over one WebSocket: its JSON messages, and the frame of its binary ones.
 */

/** Cameras that one connection can watch. */
export const watchedCamerasMax = 64;

/** Messages of `followCameras` from the client. */
export const liveClientMessageSchema = z.discriminatedUnion('type', [
  /** The first message of a client that has sent no credential. `token`: an API token. */
  jpegAuthMessageSchema,
  /** Watches a camera. For a camera that is watched, it changes the quality. */
  z.strictObject({ type: z.literal('watch'), cameraId: cameraIdSchema, quality: jpegQualitySchema }),
  z.strictObject({ type: z.literal('unwatch'), cameraId: cameraIdSchema }),
  z.strictObject({ type: z.literal('ping') }),
]);
export type LiveClientMessage = z.infer<typeof liveClientMessageSchema>;

const [jpegInfoMessageSchema] = jpegServerMessageSchema.options;

/** Messages of `followCameras` from the server, besides the pictures. */
export const liveServerMessageSchema = z.discriminatedUnion('type', [
  /** In answer to `watch`, and when one of its fields changes. */
  jpegInfoMessageSchema.extend({ cameraId: cameraIdSchema }),
  z.object({ type: z.literal('pong') }),
  /**
   * `code`: `invalid-message`, `too-many-watched`, or the code of a problem. With a `cameraId`, the camera is no longer
   * watched, unless `isWatched`: then it is still watched in its previous quality.
   */
  z.object({
    type: z.literal('error'),
    cameraId: cameraIdSchema.nullable(),
    code: z.string(),
    message: z.string(),
    isWatched: z.boolean(),
    /** When to send `watch` again; null if that would not help. */
    retryAfterSeconds: z.int().nullable(),
  }),
]);
export type LiveServerMessage = z.infer<typeof liveServerMessageSchema>;

/** What precedes the JPEG in a binary message of `followCameras`: the length of the camera's id in one byte, and the id. */
export function livePictureHead(cameraId: string): Uint8Array {
  return new TextEncoder().encode(`${String.fromCharCode(cameraId.length)}${cameraId}`);
}

/** The parts of a binary message of `followCameras`; undefined for any other message. `jpeg` shares the memory of the message. */
export function parseLivePicture<B extends ArrayBufferLike>(
  message: Uint8Array<B>,
): { cameraId: string; jpeg: Uint8Array<B> } | undefined {
  const [length = 0] = message;
  const id = cameraIdSchema.safeParse(String.fromCharCode(...message.subarray(1, 1 + length)));
  if (!id.success || message.length <= 1 + length) return undefined;
  return { cameraId: id.data, jpeg: message.subarray(1 + length) };
}
