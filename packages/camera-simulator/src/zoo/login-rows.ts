import type { LoginDeviation } from '../rtsp/deviation.ts';
import { fails, plays } from './zoo-row.ts';
import type { ZooRow } from './zoo-row.ts';

const user = { username: 'viewer', password: 'secret' };

function login(deviation: Partial<LoginDeviation>): ZooRow['camera'] {
  return { kind: 'rtsp', login: { ...user, schemes: ['md5'], ...deviation } };
}

export const loginRows: readonly ZooRow[] = [
  {
    name: 'login-basic',
    deviation: 'The login is Basic only.',
    handling: 'Logs in.',
    seenAt: ['AlexxIT/go2rtc#2232'],
    camera: login({ schemes: ['basic'] }),
    expected: plays(),
  },
  {
    name: 'login-digest-md5',
    deviation: 'The login is Digest with MD5, without qop (RFC 2069).',
    handling: 'Logs in.',
    seenAt: ['Motion-Project/motion#121'],
    camera: login({}),
    expected: plays(),
    modes: ['copy', 'transcode', 'overlay'],
  },
  {
    name: 'login-digest-qop',
    deviation: 'Digest with MD5 requires qop=auth.',
    handling: 'Logs in.',
    seenAt: ['google/ExoPlayer#9653'],
    camera: login({ qop: 'auth' }),
    expected: plays(),
    modes: ['copy'],
  },
  {
    name: 'login-digest-md5-sess',
    deviation: 'The login is Digest with MD5-sess only.',
    handling: 'Logs in.',
    seenAt: ['AlexxIT/go2rtc#2451'],
    camera: login({ schemes: ['md5-sess'], qop: 'auth' }),
    expected: plays(),
    modes: ['copy'],
  },
  {
    name: 'login-digest-sha256',
    deviation: 'The login is Digest with SHA-256 only.',
    handling: 'Logs in and relays the stream to FFmpeg, which knows MD5 only.',
    seenAt: ['AlexxIT/go2rtc#2344', 'AlexxIT/go2rtc#2476', 'bluenviron/gortsplib#524'],
    camera: login({ schemes: ['sha256'] }),
    expected: plays(),
    modes: ['copy', 'transcode', 'overlay'],
  },
  {
    name: 'login-digest-md5-then-sha256',
    deviation: 'Digest with MD5 is offered first, then SHA-256.',
    handling: 'Logs in and relays the stream to FFmpeg, which confuses the two.',
    seenAt: ['AlexxIT/go2rtc#2451'],
    camera: login({ schemes: ['md5', 'sha256'] }),
    expected: plays(),
  },
  {
    name: 'login-digest-sha256-then-md5',
    deviation: 'Digest with SHA-256 is offered first, then MD5.',
    handling: 'Logs in.',
    seenAt: ['AlexxIT/go2rtc#2451'],
    camera: login({ schemes: ['sha256', 'md5'] }),
    expected: plays(),
    modes: ['copy'],
  },
  {
    name: 'login-basic-then-digest',
    deviation: 'Basic is offered first, then Digest.',
    handling: 'Logs in.',
    seenAt: ['AlexxIT/go2rtc#2232'],
    camera: login({ schemes: ['basic', 'md5'] }),
    expected: plays(),
    modes: ['copy'],
  },
  {
    name: 'login-stale-nonce',
    deviation: 'The first answer to a challenge is refused with a new nonce and stale=TRUE.',
    handling: 'Answers the new challenge. It is not a wrong password.',
    seenAt: ['Motion-Project/motion#121'],
    camera: login({ nonce: 'stale-first' }),
    expected: plays(),
    modes: ['copy'],
  },
  {
    name: 'login-nonce-per-request',
    deviation: 'Each nonce holds for one request.',
    handling: 'Answers each challenge.',
    seenAt: ['AlexxIT/go2rtc#2232'],
    camera: login({ nonce: 'per-request' }),
    expected: plays(),
  },
  {
    name: 'login-closes-after-401',
    deviation: 'The camera closes the connection after each challenge.',
    handling: 'Connects again and logs in with the first request.',
    seenAt: ['alexeyvasilyev/rtsp-client-android#48'],
    camera: login({ schemes: ['basic'], closes: true }),
    expected: plays(),
  },
  {
    name: 'login-odd-realm',
    deviation: 'The realm has parentheses, commas, an equals sign and letters outside of ASCII.',
    handling: 'Logs in.',
    seenAt: ['AlexxIT/go2rtc#2344'],
    camera: login({ realm: 'IP Camera(GH455), Büro=1' }),
    expected: plays(),
    modes: ['copy'],
  },
  {
    name: 'login-special-characters',
    deviation: 'User and password have every special character that cameras accept.',
    handling: 'Quotes them in URLs and for FFmpeg.',
    seenAt: ['blakeblackshear/frigate#4257', 'ZoneMinder/zoneminder#4498', 'bluenviron/mediamtx#2069'],
    camera: login({ schemes: ['basic', 'md5'], username: 'a b', password: `p@ss:/?#[]!$&'()*+,;=%"\\^` }),
    expected: plays(),
  },
  {
    name: 'login-long',
    deviation: 'User and password have more than 127 characters together.',
    handling: 'Logs in and relays the stream to FFmpeg, which cuts them.',
    seenAt: ['blakeblackshear/frigate#4974'],
    camera: login({ username: 'viewer', password: 'long%'.repeat(40) }),
    expected: plays(),
    modes: ['copy', 'transcode', 'overlay'],
  },
];

/** Rows whose camera refuses every login. */
export const refusedLoginRows: readonly ZooRow[] = [
  {
    name: 'login-account-locked',
    deviation: 'DESCRIBE is answered 403, since the account is locked.',
    handling: 'Reports CredentialsRefused and retries rarely.',
    seenAt: ['roleoroleo/yi-hack-Allwinner-v2#688'],
    camera: { ...login({}), refusals: [{ method: 'DESCRIBE', status: 403 }] } as ZooRow['camera'],
    expected: fails('CredentialsRefused'),
    modes: ['copy'],
  },
];
