import type { Clock } from '@camplane/runtime/clock';
import { readFile } from 'node:fs/promises';
import {
  ClientSecretBasic,
  ClientSecretPost,
  None,
  allowInsecureRequests,
  discovery,
  enableNonRepudiationChecks,
} from 'openid-client';
import type { ClientAuth, Configuration } from 'openid-client';
import type { OidcConfig } from './external-config.ts';

const timeoutSeconds = 5;
/** Anybody can start a sign-in; an issuer that is down is not asked each time. */
const retryAfterMs = 2_000;

/** The issuer or its configuration (OpenID Connect Discovery 1.0) cannot be read. */
export class IssuerUnreachable extends Error {
  constructor(issuer: string, cause: unknown) {
    super(`issuer ${issuer} unreachable: ${reasonOf(cause)}`, { cause });
    this.name = 'IssuerUnreachable';
  }
}

export type OidcIssuer = {
  /** The issuer's endpoints, read once. @throws IssuerUnreachable */
  configuration(): Promise<Configuration>;
};

export function createOidcIssuer(config: OidcConfig, clock: Pick<Clock, 'now'>): OidcIssuer {
  let known: Configuration | undefined;
  let failure: { error: IssuerUnreachable; atMs: number } | undefined;
  let pending: Promise<Configuration> | undefined;

  const discover = async (): Promise<Configuration> => {
    try {
      known = await discoverIssuer(config);
      failure = undefined;
      return known;
    } catch (cause) {
      failure = { error: new IssuerUnreachable(config.issuer, cause), atMs: clock.now() };
      throw failure.error;
    } finally {
      pending = undefined;
    }
  };
  return {
    configuration: async () => {
      if (known) return known;
      if (failure && clock.now() - failure.atMs < retryAfterMs) throw failure.error;
      return (pending ??= discover());
    },
  };
}

async function discoverIssuer({ issuer, clientId, ...secrets }: OidcConfig): Promise<Configuration> {
  const url = new URL(issuer);
  const { clientSecret, clientSecretFile } = secrets;
  const secret =
    clientSecretFile === undefined ? clientSecret : (await readFile(clientSecretFile, 'utf8')).trim();
  // The configuration accepts http for loopback issuers only.
  const insecure = url.protocol === 'http:' ? [allowInsecureRequests] : [];
  const configuration = await discovery(url, clientId, {}, authOf(secret), {
    timeout: timeoutSeconds,
    // The signature of ID tokens is verified too, not only the connection to the token endpoint.
    execute: [enableNonRepudiationChecks, ...insecure],
  });
  return configuration;
}

/** The method that the issuer supports is chosen when it is known; `client_secret_basic` is the default (RFC 8414). */
function authOf(secret: string | undefined): ClientAuth {
  if (secret === undefined) return None();
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)];
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return methods.includes('client_secret_basic') ? basic(server, ...rest) : post(server, ...rest);
  };
}

/** `fetch failed` says nothing; its cause does. */
export function reasonOf(error: unknown): string {
  const messages = chainOf(error).map(({ message }) => message);
  return [...new Set(messages.filter((message) => message !== ''))].join(': ').slice(0, 300);
}

/** Whether a request to the issuer failed without an answer. */
export function isUnreachable(error: unknown): boolean {
  return chainOf(error).some(({ code, message }) => code === 'OAUTH_TIMEOUT' || message === 'fetch failed');
}

const causesMax = 5;

/** An error and its causes. */
function chainOf(error: unknown): { message: string; code: unknown }[] {
  const chain: { message: string; code: unknown }[] = [];
  for (let each = error; typeof each === 'object' && each !== null && chain.length < causesMax;) {
    const { message, code, cause } = each as { message?: unknown; code?: unknown; cause?: unknown };
    const text = typeof message === 'string' && message !== '' ? message : code;
    chain.push({ message: typeof text === 'string' ? text : '', code });
    each = cause;
  }
  return chain;
}
