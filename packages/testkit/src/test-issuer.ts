import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, exportJWK, generateKeyPair, importJWK } from 'jose';
import type { CryptoKey, JWK, JWTPayload } from 'jose';
import { Provider } from 'oidc-provider';
import type { Configuration } from 'oidc-provider';

/** A user of the issuer. Every field but `sub` is a claim of the ID token. */
export type IssuerAccount = { sub: string; groups?: string[] } & Record<string, unknown>;

/** A running OpenID Connect provider (oidc-provider) over loopback HTTP. It asks nothing: `signsIn` decides who signs in. */
export type TestIssuer = {
  readonly url: string;
  readonly client: { id: string; secret: string };
  /** Audience of access tokens that `programToken` requests. */
  readonly audience: string;
  /** The next user who signs in; null: they cancel. */
  signsIn(account: IssuerAccount | null): void;
  /** A token with these claims, signed with its current key, as RS256. */
  sign(claims: JWTPayload, key?: CryptoKey): Promise<string>;
  /** An access token that the issuer makes for a program (client credentials). */
  programToken(): Promise<string>;
  /** Changes the ID tokens that the client receives; null: no longer. */
  changeIdTokens(change: ((token: string) => Promise<string>) | null): void;
  /** Replaces the signing key. Codes and sessions of before are forgotten. */
  rotateKeys(): Promise<void>;
  /** Requests for keys so far. */
  keyRequests(): number;
  /** Stops answering, and resumes at the same port. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
};

const client = { id: 'camplane', secret: 'secret-of-the-test-client' };
const program = { id: 'program', secret: 'secret-of-the-test-program' };
const scope = 'openid profile email groups';

/** @param redirectUri of Camplane */
export async function startTestIssuer(redirectUri: string): Promise<TestIssuer> {
  let keys = await newKeys();
  let account: IssuerAccount | null = null;
  let tamper: ((token: string) => Promise<string>) | null = null;
  let keyRequests = 0;
  let handler: RequestListener = () => {};
  const server = createServer((request, response) => {
    if (request.url === '/jwks') keyRequests++;
    if (request.url === '/token' && tamper) changeAnswer(response, tamper);
    handler(request, response);
  });
  const listen = async (port: number): Promise<void> =>
    void (await once(server.listen(port, '127.0.0.1'), 'listening'));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const audience = `${url}/api`;
  const provide = (): void => {
    handler = handlerOf(url, { redirectUri, audience, keys: [keys.jwk], account: () => account });
  };
  provide();
  const pause = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };

  return {
    url,
    client,
    audience,
    signsIn: (next) => (account = next),
    sign: async (claims, key = keys.key) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: keys.jwk.kid ?? '' })
        .setIssuedAt(claims.iat)
        .sign(key),
    programToken: async () => {
      const response = await fetch(`${url}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${program.id}:${program.secret}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience }),
      });
      const answer = (await response.json()) as { access_token?: string };
      if (answer.access_token === undefined) throw new Error(`no access token: ${JSON.stringify(answer)}`);
      return answer.access_token;
    },
    changeIdTokens: (change) => (tamper = change),
    rotateKeys: async () => {
      keys = await newKeys();
      provide();
    },
    keyRequests: () => keyRequests,
    pause,
    resume: () => listen(port),
    stop: pause,
  };
}

async function newKeys(): Promise<{ key: CryptoKey; jwk: JWK }> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: crypto.randomUUID(), use: 'sig', alg: 'RS256' };
  return { key: (await importJWK(jwk, 'RS256')) as CryptoKey, jwk };
}

function handlerOf(
  url: string,
  options: { redirectUri: string; audience: string; keys: JWK[]; account: () => IssuerAccount | null },
): RequestListener {
  const known = new Map<string, IssuerAccount>();
  const provider = new Provider(url, configurationOf(options, known));
  const serve = provider.callback();
  const answerInteraction = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const account = options.account();
    if (account) known.set(account.sub, account);
    const result = account ? { login: { accountId: account.sub } } : { error: 'access_denied' };
    await provider.interactionFinished(request, response, result);
  };
  return (request, response) => {
    if (request.url?.startsWith('/interaction/') !== true) return void serve(request, response);
    answerInteraction(request, response).catch((error: unknown) =>
      response.writeHead(500).end(String(error)),
    );
  };
}

function configurationOf(
  { redirectUri, audience, keys }: { redirectUri: string; audience: string; keys: JWK[] },
  known: ReadonlyMap<string, IssuerAccount>,
): Configuration {
  return {
    clients: [
      { client_id: client.id, client_secret: client.secret, redirect_uris: [redirectUri] },
      {
        client_id: program.id,
        client_secret: program.secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    jwks: { keys },
    cookies: { keys: ['a key of tests'] },
    claims: {
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
      groups: ['groups'],
    },
    // The claims are in the ID token too, as most issuers have them.
    conformIdTokenClaims: false,
    findAccount: (_context, sub) => {
      const account = known.get(sub);
      return account && { accountId: sub, claims: () => Promise.resolve(account) };
    },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    // Every scope is granted, without a page for consent.
    loadExistingGrant: async ({ oidc }) => {
      const accountId = oidc.session?.accountId;
      if (!oidc.client || accountId === undefined) return undefined;
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId });
      grant.addOIDCScope(scope);
      await grant.save();
      return grant;
    },
    extraTokenClaims: (_context, token) =>
      token.kind === 'ClientCredentials' ? { groups: ['programs'] } : {},
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    scopes: scope.split(' '),
    ttl: {
      Interaction: 600,
      Grant: 600,
      Session: 600,
      AccessToken: 600,
      IdToken: 600,
      ClientCredentials: 600,
    },
    pkce: { required: () => true },
  };
}

/** Replaces the ID token in the JSON of a response. */
function changeAnswer(response: ServerResponse, change: (token: string) => Promise<string>): void {
  const end = response.end.bind(response);
  response.end = ((body: Buffer | string) => {
    const answer = JSON.parse(body.toString()) as { id_token?: string };
    void (async () => {
      if (answer.id_token !== undefined) answer.id_token = await change(answer.id_token);
      const text = JSON.stringify(answer);
      response.setHeader('content-length', Buffer.byteLength(text));
      end(text);
    })();
    return response;
  }) as typeof response.end;
}
