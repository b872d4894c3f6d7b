import { text } from 'node:stream/consumers';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { CamplaneCluster } from './camplane-cluster.ts';
import { isReady } from './camplane-cluster.ts';

type Headers = Record<string, string>;

/** One replica of the edge. */
export type Edge = { name: string; address: string };

export async function readyEdges({ list }: CamplaneCluster, namespace: string): Promise<Edge[]> {
  const pods = await list(namespace, 'pods', 'app.kubernetes.io/name=mediamtx');
  return pods.filter(isReady).map(({ metadata, status }) => ({
    name: metadata.name,
    address: status?.podIP ?? '',
  }));
}

/** How many WebRTC viewers each replica serves, by its name. */
export async function webrtcReaders(edges: readonly Edge[]): Promise<Map<string, number>> {
  return new Map(await Promise.all(edges.map(async (edge) => [edge.name, await readersOf(edge)] as const)));
}

async function readersOf({ address }: Edge): Promise<number> {
  const { body } = await get(new URL(`http://${address}:9998/metrics`));
  const counts = [...body.matchAll(/^paths_readers\{[^}]*readerType="webRTCSession"[^}]*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/**
 * Reads HLS like a player without cookies: the multivariant playlist, a playlist, the initialisation segment and a
 * segment, each over a separate connection. An edge that does not know the session refuses them.
 *
 * @throws Error if one of them is refused
 */
export async function readHls(playlists: string, headers: Headers = {}): Promise<void> {
  const read = (url: URL) => getFollowing(url, headers);
  const main = await read(new URL(playlists));
  const playlist = await read(new URL(lineOf(main.body, /^[^#\s].*$/gm), main.url));
  await read(new URL(lineOf(playlist.body, /(?<=^#EXT-X-MAP:URI=")[^"]+/gm), playlist.url));
  await read(new URL(lineOf(playlist.body, /^[^#\s].*$/gm), playlist.url));
}

/** The last one, which is the newest segment. */
function lineOf(playlist: string, pattern: RegExp): string {
  const found = [...playlist.matchAll(pattern)].at(-1)?.[0];
  if (found === undefined) throw new Error(`${String(pattern)} is not in the playlist:\n${playlist}`);
  return found;
}

async function getFollowing(url: URL, headers: Headers): Promise<{ url: URL; body: string }> {
  let at = url;
  for (let redirects = 0; redirects < 3; redirects += 1) {
    const { status, location, body } = await get(at, headers);
    if (status === 200) return { url: at, body };
    if (location === undefined) throw new Error(`${at.href} returned status ${status}: ${body}`);
    at = new URL(location, at);
  }
  throw new Error(`${url.href} redirects in a loop`);
}

async function get(
  url: URL,
  headers: Headers = {},
): Promise<{ status: number; location: string | undefined; body: string }> {
  const outgoing = request(url, { agent: false, timeout: 20_000, headers });
  outgoing.on('timeout', () => outgoing.destroy(new Error(`${url.href} timed out`)));
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return {
    status: response.statusCode ?? 0,
    location: response.headers.location,
    body: await text(response),
  };
}
