import { randomUUID } from 'node:crypto';
import type { MediaSecret } from './media-secrets.ts';
import type { MatrixCamera } from './oracle.ts';
import { may } from './oracle.ts';
import { allCameras, cameras } from './world.ts';

/** What MediaMTX posts to its auth hook (https://mediamtx.org/docs/features/authentication). */
export type HookRequest = {
  action: string;
  protocol: string;
  path: string;
  ip: string;
  id: string | null;
  user: string;
  password: string;
  token: string;
  query: string;
};

export type MediaCase = {
  name: string;
  /** Requests with other ids come first: the ticket is spent. */
  spentBefore: boolean;
  create(): HookRequest;
  expected: 'allowed' | 'refused';
};

type Place = { name: string; present(secret: string, owner: string): Partial<HookRequest>; isOf: PlaceOf };
/** What the place means to the reader: a header or login, or an address that ends up in histories and logs. */
type PlaceOf = 'bearer' | 'own login' | 'address' | 'nowhere';

const encode = encodeURIComponent;
/** MediaMTX repeats the password as the token, and for RTSP `token` and `jwt` of the query. */
const login = (user: string, password: string) => ({ user, password, token: password });
const places: Place[] = [
  { name: 'bearer', present: (token) => ({ token }), isOf: 'bearer' },
  { name: 'password alone', present: (secret) => login('', secret), isOf: 'nowhere' },
  { name: 'login', present: (secret, owner) => login(owner, secret), isOf: 'own login' },
  { name: 'login of another', present: (secret) => login('admin', secret), isOf: 'nowhere' },
  { name: 'login of services', present: (secret) => login('camplane', secret), isOf: 'nowhere' },
  { name: 'login of edges', present: (secret) => login('edge', secret), isOf: 'nowhere' },
  { name: 'user name', present: (secret) => login(secret, ''), isOf: 'nowhere' },
  { name: '?ticket=', present: (secret) => ({ query: `ticket=${encode(secret)}` }), isOf: 'address' },
  {
    name: '?ticket= twice',
    present: (secret) => ({ query: `ticket=x&ticket=${encode(secret)}` }),
    isOf: 'nowhere',
  },
  { name: '?session=', present: (secret) => ({ query: `session=${encode(secret)}` }), isOf: 'nowhere' },
];
/** MediaMTX takes these from an address over RTSP alone. */
const rtspPlaces: Place[] = ['token', 'jwt'].map((name) => ({
  name: `?${name}=`,
  present: (secret) => ({ query: `${name}=${encode(secret)}`, token: secret }),
  isOf: 'nowhere',
}));

const protocols = ['rtsp', 'hls', 'webrtc'];
const otherProtocols = ['', 'rtmp', 'srt', 'moq', 'rtsps', 'whip', 'RTSP'];
const actions = ['read', 'publish', 'playback', 'api', 'metrics', 'pprof', 'connect', ''];
/** Not the path of a camera, though each contains the id of one. */
const pathsAround = (id: string): string[] => [
  ...['', '..', '/', `${id}/`, `/${id}`, `./${id}`, `x/../${id}`],
  ...[`${id}/main`, `${id}/sub/sub`, `${id}%2Fsub`, `${id}\0`, `${id} `, id.toUpperCase()],
];

/** Every action × protocol × secret × place × camera. What is never accepted is tested on two cameras. */
export function mediaCasesOf(secrets: readonly MediaSecret[], apiPassword: string): MediaCase[] {
  const cases: MediaCase[] = [];
  const add = (secret: MediaSecret, place: Place, on: Target, request: Partial<HookRequest>): void => {
    const { action = 'read', protocol = 'rtsp', ip = remote } = request;
    const full = { ...blank, action, protocol, ip, path: on.path };
    cases.push({
      name: `${action} ${protocol} '${on.path}' from ${ip}: ${secret.name} as ${place.name}`,
      spentBefore: secret.isSpent === true,
      create: () => ({
        ...full,
        id: randomUUID(),
        ...place.present(secret.create(), secret.username),
      }),
      expected: expectedOf(secret, place, on.camera, { action, protocol, apiPassword }),
    });
  };
  for (const secret of secrets) {
    for (const place of places) {
      const isHopeless = secret.worth === null || place.isOf === 'nowhere';
      const on = isHopeless ? [ofOwn, ofForeign] : targets;
      const isDoublyRefused = secret.worth === null && place.isOf === 'nowhere' && !secret.isTypical;
      for (const protocol of isDoublyRefused ? ['hls'] : protocols) {
        for (const target of on) add(secret, place, target, { protocol });
      }
      if (secret.isTypical && place.isOf !== 'nowhere') {
        for (const request of unusualRequests) add(secret, place, ofOwn, request);
        for (const path of pathsAround(ofOwn.path)) add(secret, place, { path, camera: undefined }, {});
      }
    }
    for (const place of rtspPlaces) for (const on of [ofOwn, ofForeign]) add(secret, place, on, {});
  }
  return cases;
}

const remote = '192.0.2.7';
const blank = { user: '', password: '', token: '', query: '' };
const unusualRequests: Partial<HookRequest>[] = [
  ...otherProtocols.map((protocol) => ({ protocol })),
  ...actions.flatMap((action) =>
    ['', ...protocols].map((protocol) => ({ action, protocol, ip: '127.0.0.1' })),
  ),
  ...['127.0.0.1', '::1', '::ffff:127.0.0.1'].map((ip) => ({ ip })),
];

type Target = { path: string; camera: MatrixCamera | undefined };
const ofOwn: Target = { path: cameras.named.id, camera: cameras.named };
const ofForeign: Target = { path: cameras.foreign.id, camera: cameras.foreign };
const targets: Target[] = [
  ...allCameras.map((camera) => ({ path: camera.id, camera })),
  ...[ofOwn, ofForeign].map(({ path, camera }) => ({ path: `${path}/sub`, camera })),
];

/*
 * Worked out from docs/guide/access.md and design record 37, without the code that decides: video is read over RTSP, HLS
 * and WebRTC, with an API token and its user's name, a token or ticket in a header, or a ticket for addresses in one.
 */
function expectedOf(
  secret: MediaSecret,
  place: Place,
  camera: MatrixCamera | undefined,
  request: { action: string; protocol: string; apiPassword: string },
): MediaCase['expected'] {
  const { action, protocol } = request;
  if (action === 'api') {
    const isControl = secret.kind === 'service' && secret.create() === request.apiPassword;
    return isControl && (place.name === 'login of services' || place.name === 'login')
      ? 'allowed'
      : 'refused';
  }
  if (action !== 'read' && action !== 'playback') return 'refused';
  if (action === 'read' && !protocols.includes(protocol)) return 'refused';
  if (!secret.worth || !camera?.isRegistered || !isAccepted(secret, place, action, protocol))
    return 'refused';
  const { grants, camera: onlyOn } = secret.worth;
  const mayView = grants.every((each) =>
    may({ name: '', headers: {}, rights: { user: each, token: null } }, 'camera.view', camera),
  );
  return mayView && (onlyOn === undefined || onlyOn === camera.id) ? 'allowed' : 'refused';
}

function isAccepted(
  { kind, worth }: MediaSecret,
  { isOf }: Place,
  action: string,
  protocol: string,
): boolean {
  // RTSP has no such header: what arrives as one was in the address.
  if (isOf === 'bearer' && protocol === 'rtsp') return false;
  if (kind === 'token') return isOf === 'bearer' || isOf === 'own login';
  if (worth?.use === 'header') return isOf === 'bearer';
  // It opens one session, and playback opens none.
  return isOf === 'address' && action === 'read';
}
