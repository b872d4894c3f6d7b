import { createHash } from 'node:crypto';

export type Credentials = { username: string; password: string };

export type Challenge = { scheme: string; parameters: ReadonlyMap<string, string> };

/** Digest algorithms, strongest first (RFC 7616, 6.1). */
const digestHashes: readonly (readonly [algorithm: string, hash: string])[] = [
  ['sha-256', 'sha256'],
  ['sha-256-sess', 'sha256'],
  ['md5', 'md5'],
  ['md5-sess', 'md5'],
];

/**
 * The `Authorization` header for the strongest of a server's challenges: Digest with SHA-256, with MD5
 * (RFC 7616; RFC 2326, section 14), then Basic (RFC 7617). Undefined if none is supported.
 *
 * @param clientNonce unpredictable, and new for each call
 * @param nonceCount requests sent with the server's nonce, this one included
 */
export function authorization(
  challenges: readonly Challenge[],
  credentials: Credentials,
  request: { method: string; uri: string },
  clientNonce: string,
  nonceCount = 1,
): string | undefined {
  for (const [algorithm, hash] of digestHashes) {
    const challenge = challenges.find((c) => isAnswerableDigest(c) && algorithmOf(c) === algorithm);
    if (challenge) return digestAuthorization(challenge, hash, credentials, request, clientNonce, nonceCount);
  }
  if (!challenges.some(({ scheme }) => scheme === 'basic')) return undefined;
  const login = Buffer.from(`${credentials.username}:${credentials.password}`, 'utf8').toString('base64');
  return `Basic ${login}`;
}

function isAnswerableDigest({ scheme, parameters }: Challenge): boolean {
  const qop = parameters.get('qop');
  return scheme === 'digest' && parameters.has('nonce') && (qop === undefined || hasAuth(qop));
}

function algorithmOf({ parameters }: Challenge): string {
  return (parameters.get('algorithm') ?? 'MD5').toLowerCase();
}

function hasAuth(qop: string): boolean {
  return qop.split(',').some((value) => value.trim().toLowerCase() === 'auth');
}

function digestAuthorization(
  { parameters }: Challenge,
  hashName: string,
  { username, password }: Credentials,
  { method, uri }: { method: string; uri: string },
  clientNonce: string,
  nonceCount: number,
): string {
  const hash = (text: string) => createHash(hashName).update(text, 'utf8').digest('hex');
  const realm = parameters.get('realm') ?? '';
  const nonce = parameters.get('nonce') ?? '';
  const algorithm = parameters.get('algorithm');
  const opaque = parameters.get('opaque');
  const isSession = algorithm?.toLowerCase().endsWith('-sess') === true;
  const withQop = parameters.has('qop');
  const count = nonceCount.toString(16).padStart(8, '0');

  const plainSecret = hash(`${username}:${realm}:${password}`);
  const secret = isSession ? hash(`${plainSecret}:${nonce}:${clientNonce}`) : plainSecret;
  const subject = hash(`${method}:${uri}`);
  const response = withQop
    ? hash(`${secret}:${nonce}:${count}:${clientNonce}:auth:${subject}`)
    : hash(`${secret}:${nonce}:${subject}`);

  const fields = [
    `username=${quote(username)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    `response="${response}"`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(withQop ? ['qop=auth', `nc=${count}`] : []),
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
