import { createApiClient } from '@camplane/api-client/api-client';
import type { ApiClient } from '@camplane/api-client/api-client';
import type { RawInput } from '@camplane/api-client/operation-url';
import { sendOperation } from '@camplane/api-client/send-operation';
import type { ApiConnection, RawAnswer } from '@camplane/api-client/send-operation';
import type { CreateSession, CreateToken } from '@camplane/contracts/access';
import type { HttpOperationId } from '@camplane/contracts/operations';

/** A user with an open session. */
export type SignedIn = {
  /** Value of the header `Cookie`. */
  cookie: string;
  client: ApiClient;
  /** For requests that may be refused: returns responses of any status. */
  send(id: HttpOperationId, input?: RawInput): Promise<RawAnswer>;
  /** Creates an API token, for viewing all cameras by default; returns its secret. */
  createToken(token?: Partial<CreateToken>): Promise<string>;
};

/**
 * @param way how requests reach the server, if not at `baseUrl`
 * @throws an error with the response if the login is refused
 */
export async function signIn(
  baseUrl: string,
  login: CreateSession,
  way: Pick<ApiConnection, 'fetch'> = {},
): Promise<SignedIn> {
  const answer = await sendOperation({ baseUrl, ...way }, 'createSession', { body: login });
  if (answer.status !== 201) {
    throw new Error(`not signed in: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
  const cookie = answer.headers
    .getSetCookie()
    .map((text) => text.split(';', 1)[0] ?? '')
    .join('; ');
  const connection = { baseUrl, ...way, headers: { cookie }, timeoutMs: 20_000 };
  const client = createApiClient(connection);
  return {
    cookie,
    client,
    send: (id, input) => sendOperation(connection, id, input),
    createToken: async (token = {}) => {
      const body: CreateToken = {
        name: 'test',
        permissions: ['camera.view'],
        scope: { kind: 'all' },
        expiresAt: null,
        ...token,
      };
      return (await client.createToken({ body })).secret;
    },
  };
}
