import { z } from 'zod';

/**
 * The fields of MediaMTX's control API v3 (https://mediamtx.org/docs/references/control-api) that Camplane uses. Other
 * fields are dropped, among them the deprecated `ready`, `tracks` and `bytesReceived`.
 */

const trackSchema = z.object({
  codec: z.string(),
  codecProps: z
    .object({
      width: z.number().optional(),
      height: z.number().optional(),
      // A name for H.264 and H.265, a number for AV1 and VP9.
      profile: z.union([z.string(), z.number()]).transform(String).optional(),
      sampleRate: z.number().optional(),
      channelCount: z.number().optional(),
    })
    .nullish(),
});

// Go encodes an empty list as null.
const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

export const apiPathSchema = z.object({
  name: z.string(),
  confName: z.string(),
  available: z.boolean(),
  /** Whether a publisher is connected; `available` is also true while only the slate is shown. */
  online: z.boolean(),
  onlineTime: z.string().nullable(),
  source: z.object({ type: z.string(), id: z.string() }).nullable(),
  tracks2: listOf(trackSchema),
  readers: listOf(z.object({ type: z.string(), id: z.string() })),
  inboundBytes: z.number(),
  outboundBytes: z.number(),
  inboundFramesInError: z.number(),
});
export type ApiPath = z.infer<typeof apiPathSchema>;

export const apiPathConfigSchema = z.looseObject({ name: z.string() });
export type ApiPathConfig = z.infer<typeof apiPathConfigSchema>;

const sessionFields = {
  id: z.string(),
  created: z.string(),
  remoteAddr: z.string(),
  path: z.string(),
  query: z.string(),
  outboundBytes: z.number(),
};
export const rtspSessionSchema = z.object({
  ...sessionFields,
  state: z.enum(['idle', 'read', 'publish']),
  inboundBytes: z.number(),
});
export type RtspSession = z.infer<typeof rtspSessionSchema>;

export const webrtcSessionSchema = z.object({
  ...sessionFields,
  state: z.enum(['read', 'publish']),
  peerConnectionEstablished: z.boolean(),
});
export type WebRtcSession = z.infer<typeof webrtcSessionSchema>;

export const hlsSessionSchema = z.object(sessionFields);
export type HlsSession = z.infer<typeof hlsSessionSchema>;

/** What the sessions of all protocols have. */
export const sessionIdSchema = z.object({ id: z.string() });

/** The HLS packaging of a path, shared by all its HLS readers. */
export const hlsMuxerSchema = z.object({ path: z.string(), lastRequest: z.string() });
export type HlsMuxer = z.infer<typeof hlsMuxerSchema>;

export const infoSchema = z.object({ version: z.string(), started: z.string() });
export type MediaServerInfo = z.infer<typeof infoSchema>;

export const errorResponseSchema = z.object({ error: z.string() });

export const pageSchema = <T extends z.ZodType>(item: T) =>
  z.object({ itemCount: z.number(), pageCount: z.number(), items: listOf(item) });
