import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/**
 * What MediaMTX posts to `authHTTPAddress` (https://mediamtx.org/docs/features/authentication). Answer 200 to
 * allow and 401 to refuse, and answer at once: MediaMTX's path manager waits for it, and with it every path.
 */
export const authRequestSchema = z.object({
  user: z.string().max(1024),
  password: z.string().max(1024),
  token: z.string().max(8192),
  ip: z.string().max(64),
  action: z.string().max(32),
  path: z.string().max(1024),
  /** Empty for actions that belong to no stream. */
  protocol: z.string().max(32),
  /** The session's; null where there is none, as for HLS before its session begins. */
  id: z.string().max(64).nullable(),
  query: z.string().max(8192),
  userAgent: z.string().max(1024).optional(),
});
export type AuthRequest = z.infer<typeof authRequestSchema>;

/** The query by which Camplane's own readers say that they are no viewers: `rtsp://…/front-door?camplane=tap`. */
export const tapQuery = 'camplane=tap';

export type AccessRules = {
  isKnownPath: (path: string) => boolean;
  /** Who may use the control API where MediaMTX asks for it; null: nobody. */
  apiCredentials: { username: string; password: string } | null;
};

export type AccessDecision =
  | {
      allow: true;
      /** Set when a reader arrives. `id` is null where MediaMTX names no session. */
      reader: { path: string; id: string | null; protocol: string; isTap: boolean } | null;
    }
  /** `reason` is for the log; the client learns nothing. */
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
      return refuse(`action '${request.action}' is not offered`);
  }
}

/**
 * Only FFmpeg beside MediaMTX publishes, over RTSP. A web page that the user happens to visit can reach
 * loopback ports too, but a browser speaks WHIP (`webrtc`), never RTSP.
 */
function decidePublish(request: AuthRequest, rules: AccessRules): AccessDecision {
  if (request.protocol !== 'rtsp') return refuse(`publishing over '${request.protocol}' is not offered`);
  if (!isLoopback(request.ip)) return refuse('publishing is for this machine alone');
  if (!rules.isKnownPath(request.path)) return refuse('unknown path');
  return { allow: true, reader: null };
}

function decideApi(request: AuthRequest, { apiCredentials }: AccessRules): AccessDecision {
  if (apiCredentials === null) return refuse('the control API is closed');
  // Both are compared, so that the time taken does not tell which one was wrong.
  const userMatches = equal(request.user, apiCredentials.username);
  const passwordMatches = equal(request.password, apiCredentials.password);
  return userMatches && passwordMatches ? { allow: true, reader: null } : refuse('wrong API credentials');
}

/** The mark counts from this machine over RTSP only: a viewer elsewhere cannot hide itself by it. */
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
