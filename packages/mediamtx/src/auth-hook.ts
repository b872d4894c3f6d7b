import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/**
 * The request that MediaMTX posts to `authHTTPAddress` (https://mediamtx.org/docs/features/authentication). Respond 200
 * to allow and 401 to refuse, without delay: MediaMTX's path manager waits for the response, and with it every path.
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
  /** The session's id; null without a session, as for HLS before its session starts. */
  id: z.string().max(64).nullable(),
  query: z.string().max(8192),
  userAgent: z.string().max(1024).optional(),
});
export type AuthRequest = z.infer<typeof authRequestSchema>;

/** The query that marks Camplane's own readers, which do not count as viewers: `rtsp://…/front-door?camplane=tap`. */
export const tapQuery = 'camplane=tap';

export type AccessRules = {
  isKnownPath: (path: string) => boolean;
  /** For the control API, where MediaMTX calls the hook for it; null refuses all access. */
  apiCredentials: { username: string; password: string } | null;
};

export type AccessDecision =
  | {
      allow: true;
      /** Set for a new reader. `id` is null if MediaMTX sends no session id. */
      reader: { path: string; id: string | null; protocol: string; isTap: boolean } | null;
    }
  /** `reason` is for the log; the client does not receive it. */
  | { allow: false; reason: string };

/** Decides one request of the hook. Pure. */
export function decideAccess(request: AuthRequest, rules: AccessRules): AccessDecision {
  switch (request.action) {
    case 'publish':
      return decidePublish(request, rules);
    case 'read':
      if (!rules.isKnownPath(request.path)) return refuse('unknown path');
      return {
        allow: true,
        reader: { path: request.path, id: request.id, protocol: request.protocol, isTap: isTap(request) },
      };
    case 'playback':
      return rules.isKnownPath(request.path) ? { allow: true, reader: null } : refuse('unknown path');
    case 'api':
      return decideApi(request, rules);
    default:
      return refuse(`the action '${request.action}' is not supported`);
  }
}

/**
 * Only FFmpeg on this machine publishes, over RTSP. A web page in the user's browser can also reach loopback ports, but
 * browsers publish over WHIP (`webrtc`), never RTSP.
 */
function decidePublish(request: AuthRequest, rules: AccessRules): AccessDecision {
  if (request.protocol !== 'rtsp') return refuse(`publishing over '${request.protocol}' is not supported`);
  if (!isLoopback(request.ip)) return refuse('publishing is allowed from loopback only');
  if (!rules.isKnownPath(request.path)) return refuse('unknown path');
  return { allow: true, reader: null };
}

function decideApi(request: AuthRequest, { apiCredentials }: AccessRules): AccessDecision {
  if (apiCredentials === null) return refuse('the control API is disabled');
  // Compare both, so that the timing does not reveal which one was wrong.
  const userMatches = equal(request.user, apiCredentials.username);
  const passwordMatches = equal(request.password, apiCredentials.password);
  return userMatches && passwordMatches ? { allow: true, reader: null } : refuse('wrong API credentials');
}

/** The mark is valid only over RTSP from loopback, so that remote viewers cannot hide. */
function isTap(request: AuthRequest): boolean {
  return request.protocol === 'rtsp' && isLoopback(request.ip) && request.query.split('&').includes(tapQuery);
}

function isLoopback(ip: string): boolean {
  const address = ip.startsWith('::ffff:') ? ip.slice('::ffff:'.length) : ip;
  return address === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address);
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function refuse(reason: string): AccessDecision {
  return { allow: false, reason };
}
