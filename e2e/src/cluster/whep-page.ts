import type { Page } from 'playwright-core';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { waitUntil } from '@camplane/testkit/wait-until';

/** The candidate pair that the browser selected. */
export type MediaPath = { local: MediaEnd; remote: MediaEnd };
export type MediaEnd = {
  candidateType: string;
  protocol: string;
  relayProtocol?: string;
  address: string;
  port: number;
};

/** A page that plays a WHEP address and reports the selected route. */
export type WhepPage = {
  /** Waits until that many more frames have been decoded. */
  waitForFrames(more: number, timeoutMs?: number): Promise<void>;
  mediaPath(): Promise<MediaPath>;
  close(): Promise<void>;
};

/**
 * Plays a WHEP address in one session, without retries.
 *
 * @param way `to` keeps only the server's candidates with that address and protocol; `relay` sends everything through
 *   the TURN server in the Link header of the response (draft-ietf-wish-whep, section 4.6)
 * @param headers sent with every request of the page
 */
export async function openWhepPage(
  browser: TestBrowser,
  url: string,
  way: { to: { address: string; protocol: 'udp' | 'tcp' } } | { relay: true },
  headers: Record<string, string>,
): Promise<WhepPage> {
  const page = await browser.newPage();
  await page.setExtraHTTPHeaders(headers);
  // Served from the address's own origin, so that no cross-origin or private-network rules apply. The edge's response
  // is plain text without scripts.
  await page.goto(new URL('reader.js', url).href);
  await page.setContent(html(url, way));
  const state = () => page.evaluate<{ frames: number; status: string }>('window.whepState()');
  return {
    waitForFrames: async (more, timeoutMs = 30_000) => {
      const before = (await state()).frames;
      await waitUntil(state, ({ frames }) => frames >= before + more, {
        what: `${more} frames from ${url}`,
        timeoutMs,
        intervalMs: 50,
      });
    },
    mediaPath: () => mediaPath(page),
    close: () => page.close(),
  };
}

async function mediaPath(page: Page): Promise<MediaPath> {
  const path = await page.evaluate<MediaPath | null>('window.mediaPath()');
  if (path === null) throw new Error('no media yet');
  return path;
}

function html(url: string, way: Parameters<typeof openWhepPage>[2]): string {
  return `<!doctype html><meta charset="utf-8"><title>WHEP</title>
<video id="video" muted autoplay playsinline></video>
<script>
const url = ${JSON.stringify(url)};
const way = ${JSON.stringify(way)};
${script}
</script>`;
}

const script = `
const video = document.getElementById('video');
let connection;
let status = '';
window.whepState = () => ({
  frames: video.getVideoPlaybackQuality().totalVideoFrames,
  status: status || (connection ? connection.iceConnectionState : 'not connected'),
});
const iceServers = async () => {
  const { headers } = await fetch(url, { method: 'OPTIONS' });
  const pattern = /<([^>]+)>; rel="ice-server"(?:; username="([^"]*)"; credential="([^"]*)")?/g;
  return [...(headers.get('link') ?? '').matchAll(pattern)].map(([, urls, username, credential]) => ({
    urls, username, credential,
  }));
};
const without = (sdp, isGone) => sdp.split('\\r\\n')
  .filter((line) => !line.startsWith('a=candidate:') || !isGone(line)).join('\\r\\n');
// RFC 8839: foundation, component, transport, priority, address, port.
const isUnwanted = (line) => {
  const [, , protocol, , address] = line.split(' ');
  return way.to !== undefined && (protocol.toLowerCase() !== way.to.protocol || address !== way.to.address);
};
const firstCandidate = () => new Promise((resolve) => {
  connection.onicecandidate = ({ candidate }) => {
    if (candidate === null || !way.relay || candidate.type === 'relay') resolve();
  };
});
const connect = async () => {
  connection = new RTCPeerConnection(
    way.relay ? { iceServers: await iceServers(), iceTransportPolicy: 'relay' } : {},
  );
  connection.addTransceiver('video', { direction: 'recvonly' });
  connection.ontrack = ({ streams, track }) => { video.srcObject = streams[0] ?? new MediaStream([track]); };
  const gathered = firstCandidate();
  await connection.setLocalDescription(await connection.createOffer());
  await gathered;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp' },
    // Without the browser's candidates the server cannot find its own route to it.
    body: way.relay ? connection.localDescription.sdp : without(connection.localDescription.sdp, () => true),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error('WHEP answered ' + response.status + ': ' + answer);
  await connection.setRemoteDescription({ type: 'answer', sdp: without(answer, isUnwanted) });
};
window.mediaPath = async () => {
  const stats = await connection.getStats();
  const transport = [...stats.values()].find(({ type }) => type === 'transport');
  const pair = stats.get(transport?.selectedCandidatePairId);
  if (pair === undefined) return null;
  const end = (id) => {
    const { candidateType, protocol, relayProtocol, address, port } = stats.get(id);
    return { candidateType, protocol, relayProtocol, address, port };
  };
  return { local: end(pair.localCandidateId), remote: end(pair.remoteCandidateId) };
};
connect().catch((error) => { status = String(error); });`;
