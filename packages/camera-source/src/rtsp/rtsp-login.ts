import { createHash, randomBytes } from 'node:crypto';
import type { RtspAnswer } from './rtsp-message.ts';

export type Credentials = { username: string; password: string };

export type Challenge = { scheme: string; parameters: ReadonlyMap<string, string> };

/** Digest algorithms, strongest first (RFC 7616, 6.1). */
const digestHashes: readonly (readonly [algorithm: string, hash: string])[] = [
  ['sha-512-256', 'sha512-256'],
  ['sha-512-256-sess', 'sha512-256'],
  ['sha-256', 'sha256'],
  ['sha-256-sess', 'sha256'],
  ['md5', 'md5'],
  ['md5-sess', 'md5'],
];

/** `digest-sha-256`, `digest-md5`, `basic` …, for people; null while the camera has asked for no login. */
export type LoginKind = string | null;

export type RtspLogin = {
  readonly kind: LoginKind;
  /** The `Authorization` header of the next request; undefined while there is no challenge to answer. */
  header(method: string, uri: string): string | undefined;
  /** Takes the challenge or the next nonce of an answer. Returns whether the request is worth repeating with it. */
  learn(answer: RtspAnswer): boolean;
  /** The next request goes over another connection, to which the nonce may not belong. */
  changeConnection(): void;
};

type Chosen = { challenge: Challenge; algorithm: string; hash: string } | 'basic';

/**
 * Answers the challenges of one camera with the strongest scheme offered: Digest with SHA-256, with MD5 (RFC 7616;
 * RFC 2326, section 14), then Basic (RFC 7617). A refused login is repeated only with a nonce that the camera has since
 * replaced, so that no account is locked.
 */
export function createLogin(
  credentials: Credentials,
  createNonce: () => string = () => randomBytes(16).toString('hex'),
): RtspLogin {
  let chosen: Chosen | undefined;
  let clientNonce = '';
  let count = 0;
  let isSent = false;
  let hasSucceeded = false;
  let isConnectionNew = false;

  function header(method: string, uri: string): string | undefined {
    if (!chosen) return undefined;
    isSent = true;
    if (chosen !== 'basic') count += 1;
    return authorizationFor(chosen, credentials, { method, uri }, { clientNonce, count });
  }

  function learn(answer: RtspAnswer): boolean {
    const challenges = parseChallenges(answer.headers.get('www-authenticate') ?? []);
    const wasSent = isSent;
    if (answer.status !== 401) {
      hasSucceeded ||= isSent && answer.status === 200;
      const next = nextNonce(answer);
      if (next !== undefined) renew(next);
      else if (challenges.length > 0) take(challenges);
      return false;
    }
    const before = nonceOf(chosen);
    const isStale = challenges.some((c) => c.parameters.get('stale')?.toLowerCase() === 'true');
    if (!take(challenges)) return false;
    const isNew = nonceOf(chosen) !== before;
    const mayBeOld = isStale || hasSucceeded || isConnectionNew;
    isConnectionNew = false;
    return !wasSent || (isNew && mayBeOld);
  }

  function take(challenges: readonly Challenge[]): boolean {
    const next = choose(challenges);
    if (!next) return false;
    if (nonceOf(next) !== nonceOf(chosen) || clientNonce === '') {
      clientNonce = createNonce();
      count = 0;
    }
    chosen = next;
    return true;
  }

  function renew(nonce: string): void {
    if (chosen === undefined || chosen === 'basic') return;
    const parameters = new Map([...chosen.challenge.parameters, ['nonce', nonce]]);
    chosen = { ...chosen, challenge: { ...chosen.challenge, parameters } };
    clientNonce = createNonce();
    count = 0;
  }

  return {
    get kind() {
      if (chosen === undefined || chosen === 'basic') return chosen ?? null;
      return `digest-${chosen.algorithm}`;
    },
    header,
    learn,
    changeConnection: () => {
      isConnectionNew = true;
    },
  };
}

/**
 * The `Authorization` header for the strongest of a server's challenges; undefined if none is supported.
 *
 * @param clientNonce unpredictable, and new for each nonce of the server
 * @param count requests sent with the server's nonce, this one included
 */
export function authorization(
  challenges: readonly Challenge[],
  credentials: Credentials,
  request: { method: string; uri: string },
  clientNonce: string,
  count = 1,
): string | undefined {
  const chosen = choose(challenges);
  return chosen && authorizationFor(chosen, credentials, request, { clientNonce, count });
}

function authorizationFor(
  chosen: Chosen,
  credentials: Credentials,
  request: { method: string; uri: string },
  use: { clientNonce: string; count: number },
): string {
  if (chosen !== 'basic') return digestAuthorization(chosen, credentials, request, use);
  const login = `${credentials.username}:${credentials.password}`;
  return `Basic ${Buffer.from(login, 'utf8').toString('base64')}`;
}

function choose(challenges: readonly Challenge[]): Chosen | undefined {
  for (const [algorithm, hash] of digestHashes) {
    const challenge = challenges.find((c) => isAnswerableDigest(c) && algorithmOf(c) === algorithm);
    if (challenge) return { challenge, algorithm, hash };
  }
  return challenges.some(({ scheme }) => scheme === 'basic') ? 'basic' : undefined;
}

function nonceOf(chosen: Chosen | undefined): string | undefined {
  return chosen === undefined || chosen === 'basic' ? undefined : chosen.challenge.parameters.get('nonce');
}

/** RFC 7616, 3.5. */
function nextNonce(answer: RtspAnswer): string | undefined {
  const [information] = answer.headers.get('authentication-info') ?? [];
  if (information === undefined) return undefined;
  return parseChallenges([`Digest ${information}`])[0]?.parameters.get('nextnonce');
}

function isAnswerableDigest({ scheme, parameters }: Challenge): boolean {
  const qop = parameters.get('qop');
  return scheme === 'digest' && parameters.has('nonce') && (!qop || hasAuth(qop));
}

function algorithmOf({ parameters }: Challenge): string {
  return (parameters.get('algorithm') || 'MD5').toLowerCase();
}

function hasAuth(qop: string): boolean {
  return qop.split(',').some((value) => value.trim().toLowerCase() === 'auth');
}

function digestAuthorization(
  { challenge: { parameters }, hash: hashName }: Exclude<Chosen, 'basic'>,
  { username, password }: Credentials,
  { method, uri }: { method: string; uri: string },
  { clientNonce, count }: { clientNonce: string; count: number },
): string {
  const hash = (text: string) => createHash(hashName).update(text, 'utf8').digest('hex');
  const realm = parameters.get('realm') ?? '';
  const nonce = parameters.get('nonce') ?? '';
  const algorithm = parameters.get('algorithm');
  const opaque = parameters.get('opaque');
  const isSession = algorithm?.toLowerCase().endsWith('-sess') === true;
  const withQop = (parameters.get('qop') ?? '') !== '';
  const countText = count.toString(16).padStart(8, '0');

  const plainSecret = hash(`${username}:${realm}:${password}`);
  const secret = isSession ? hash(`${plainSecret}:${nonce}:${clientNonce}`) : plainSecret;
  const subject = hash(`${method}:${uri}`);
  const response = withQop
    ? hash(`${secret}:${nonce}:${countText}:${clientNonce}:auth:${subject}`)
    : hash(`${secret}:${nonce}:${subject}`);

  const fields = [
    `username=${quote(username)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    `response="${response}"`,
    ...(algorithm ? [`algorithm=${algorithm}`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(withQop ? ['qop=auth', `nc=${countText}`] : []),
    ...(withQop || isSession ? [`cnonce="${clientNonce}"`] : []),
  ];
  return `Digest ${fields.join(', ')}`;
}

function quote(text: string): string {
  // A line break would start another header.
  return `"${text.replace(/[\r\n]/g, '').replace(/["\\]/g, '\\$&')}"`;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const parameterPattern = new RegExp(`^(${token})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,"]+))`);
const schemePattern = new RegExp(`^(${token})(?=[ \\t,]|$)`);

/** The challenges in the values of `WWW-Authenticate` headers; one value may hold several (RFC 9110, 11.6.1). */
export function parseChallenges(values: readonly string[]): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  for (const value of values) {
    let rest = value.replace(/^[\s,]+/, '');
    while (rest !== '') {
      const parameter = parameterPattern.exec(rest);
      const scheme = parameter ? null : schemePattern.exec(rest);
      if (parameter) {
        const text = parameter[2]?.replace(/\\(.)/g, '$1') ?? parameter[3] ?? '';
        challenges.at(-1)?.parameters.set((parameter[1] ?? '').toLowerCase(), text);
      } else if (scheme) {
        challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters: new Map() });
      }
      // Anything else is skipped one character at a time.
      rest = rest.slice((parameter ?? scheme)?.[0].length ?? 1).replace(/^[\s,]+/, '');
    }
  }
  return challenges;
}
