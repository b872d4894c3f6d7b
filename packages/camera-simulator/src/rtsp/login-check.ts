import { createHash, randomBytes } from 'node:crypto';
import type { LoginDeviation, LoginScheme } from './deviation.ts';

/** The login of one connection: null when the request is allowed, or the challenges of its refusal. */
export type LoginCheck = (request: { method: string; authorization: string | undefined }) => string[] | null;

export function createLoginCheck(login: LoginDeviation | undefined): LoginCheck {
  if (login === undefined) return () => null;
  let nonce = newNonce();
  let refusals = 0;
  const challenges = (isStale: boolean) =>
    login.schemes.map((scheme) => challenge(login, scheme, nonce, isStale));
  return ({ method, authorization }) => {
    const isAllowed = authorization !== undefined && isRight(login, { method, authorization, nonce });
    if (isAllowed && login.nonce === 'stale-first' && refusals < 2) {
      refusals = 2;
      nonce = newNonce();
      return challenges(true);
    }
    if (isAllowed) {
      if (login.nonce === 'per-request') nonce = newNonce();
      return null;
    }
    refusals += 1;
    if (login.nonce === 'per-request') nonce = newNonce();
    return challenges(false);
  };
}

function newNonce(): string {
  return randomBytes(16).toString('hex');
}

function challenge(login: LoginDeviation, scheme: LoginScheme, nonce: string, isStale: boolean): string {
  const realm = login.realm ?? 'camera';
  if (scheme === 'basic') return `Basic realm="${realm}"`;
  // RFC 2069 has no algorithm; MD5 is the default.
  const algorithm = { md5: '', 'md5-sess': ', algorithm=MD5-sess', sha256: ', algorithm=SHA-256' }[scheme];
  const qop = login.qop === undefined ? '' : `, qop="${login.qop}"`;
  return `Digest realm="${realm}", nonce="${nonce}"${algorithm}${qop}, stale="${isStale ? 'TRUE' : 'FALSE'}"`;
}

function isRight(
  login: LoginDeviation,
  { method, authorization, nonce }: { method: string; authorization: string; nonce: string },
): boolean {
  if (/^basic /i.test(authorization)) {
    const expected = Buffer.from(`${login.username}:${login.password}`).toString('base64');
    return login.schemes.includes('basic') && authorization.slice(6).trim() === expected;
  }
  const given = parametersOf(authorization);
  const algorithm = (given.get('algorithm') ?? 'MD5').toLowerCase();
  const schemes: Record<string, LoginScheme> = { md5: 'md5', 'md5-sess': 'md5-sess', 'sha-256': 'sha256' };
  const scheme = schemes[algorithm];
  if (scheme === undefined || !login.schemes.includes(scheme) || given.get('nonce') !== nonce) return false;
  if (given.get('username') !== login.username) return false;
  // RFC 7616, section 3.4.
  const hash = (text: string) =>
    createHash(scheme === 'sha256' ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const cnonce = given.get('cnonce') ?? '';
  const secret = hash(`${login.username}:${login.realm ?? 'camera'}:${login.password}`);
  const a1 = algorithm === 'md5-sess' ? hash(`${secret}:${nonce}:${cnonce}`) : secret;
  const a2 = hash(`${method}:${given.get('uri') ?? ''}`);
  const qop = given.get('qop');
  if (login.qop !== undefined && qop === undefined) return false;
  const middle = qop === undefined ? nonce : `${nonce}:${given.get('nc') ?? ''}:${cnonce}:${qop}`;
  return given.get('response') === hash(`${a1}:${middle}:${a2}`);
}

function parametersOf(authorization: string): Map<string, string> {
  const pairs = authorization.matchAll(/([a-z]+)=(?:"((?:\\.|[^"\\])*)"|([^",\s]+))/gi);
  return new Map(
    [...pairs].map(([, name = '', quoted, plain]) => [
      name.toLowerCase(),
      quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '',
    ]),
  );
}
