import { z } from 'zod';

/**
 * The request that MediaMTX posts to `authHTTPAddress` (https://mediamtx.org/docs/features/authentication). Respond 204
 * to allow and 401 to refuse, without delay: MediaMTX's path manager waits for the response, and with it every path.
 *
 * MediaMTX delays its own answer to a refused client by up to 4 s, unless the request contained no credentials: then it
 * asks the client for them at once (`internal/auth/log_and_delay_error.go`). `Authorization: Bearer` arrives as `token`.
 */
export const authRequestSchema = z.object({
  user: z.string().max(1024),
  password: z.string().max(1024),
  token: z.string().max(8192),
  ip: z.string().max(64),
  action: z.string().max(32),
  path: z.string().max(1024),
  /** Empty for actions that do not concern a stream. */
  protocol: z.string().max(32),
  /**
   * Id of the session that the reader opens: HLS asks once for a session, WHEP twice with one id, RTSP first with the
   * connection's id (DESCRIBE) and then with the session's (SETUP). Null for pages, which open none.
   */
  id: z.string().max(64).nullable(),
  query: z.string().max(8192),
  userAgent: z.string().max(1024).optional(),
});
export type AuthRequest = z.infer<typeof authRequestSchema>;
