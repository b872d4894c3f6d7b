import { runInNewContext } from 'node:vm';

/* As much of a Postman collection as docs/reference/camplane.postman_collection.json has. */

type Pair = { key: string; value: string; disabled?: boolean };
type Auth = { type: 'noauth' } | { type: 'bearer'; bearer: Pair[] };

export type PostmanRequest = {
  name: string;
  event?: { listen: string; script: { exec: string[] } }[];
  request: {
    auth?: Auth;
    method: string;
    header: Pair[];
    body?: { mode: 'raw'; raw: string };
    url: { host: string[]; path: string[]; query?: Pair[] };
  };
};

export type PostmanCollection = {
  item: { name: string; item: PostmanRequest[] }[];
  auth: Auth;
  variable: Pair[];
};

/** Sends requests of a collection as Postman does: with variables, authentication, and the scripts for answers. */
export function createPostmanRunner(collection: PostmanCollection, given: Record<string, string>) {
  const variables = new Map(collection.variable.map(({ key, value }) => [key, value]));
  for (const [key, value] of Object.entries(given)) variables.set(key, value);

  const filled = (text: string): string =>
    text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
      const value = variables.get(name);
      if (value === undefined) throw new Error(`the collection has no variable ${name}`);
      return value;
    });
  const used = (pairs: Pair[] = [], options: SendOptions = {}): [string, string][] =>
    pairs
      .filter(({ disabled }) => options.withDisabled || !disabled)
      .map(({ key, value }) => [filled(key), filled(value)]);

  async function send({ request, event }: PostmanRequest, options: SendOptions = {}): Promise<PostmanAnswer> {
    const { auth = collection.auth, method, header, body, url } = request;
    const address = new URL(filled([...url.host, ...url.path].join('/')));
    address.search = new URLSearchParams(used(url.query, options)).toString();
    const headers = new Headers(used(header));
    if (auth.type === 'bearer') headers.set('authorization', `Bearer ${filled(auth.bearer[0]?.value ?? '')}`);
    const response = await fetch(address, {
      method,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body: filled(body.raw) }),
    });
    const text = await response.text();
    const pm = {
      response: { code: response.status, json: (): unknown => JSON.parse(text) },
      collectionVariables: { set: (key: string, value: string) => void variables.set(key, value) },
    };
    for (const { script } of event ?? []) runInNewContext(script.exec.join('\n'), { pm });
    return { status: response.status, ...codeOf(response, text) };
  }
  return { send };
}

/** The status, and the `code` of a problem document. */
export type PostmanAnswer = { status: number; code?: string };
/** `withDisabled`: also with the query parameters that are off. */
type SendOptions = { withDisabled?: boolean };

function codeOf({ headers }: Response, text: string): { code?: string } {
  if (!headers.get('content-type')?.startsWith('application/problem+json')) return {};
  return { code: (JSON.parse(text) as { code: string }).code };
}
