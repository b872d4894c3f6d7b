import type { Page } from 'playwright-core';

/** What the page got for its offer. */
export type PeerAnswer = { status: number; location: string | null; width: number };

/** A page that plays with a plain RTCPeerConnection, as the WebRTC API of browsers is documented, and no library. */
export type PeerPage = {
  /** A complete offer of this browser, with candidates. */
  offer(): Promise<string>;
  /** Sends an offer to an address of the API, and waits until a picture is shown. */
  play(url: string, token: string): Promise<PeerAnswer>;
  hasEnded(): Promise<boolean>;
  /** Restarts ICE of what plays, through the session at `url`, and waits until pictures arrive with the new credentials. */
  restartIce(url: string, token: string): Promise<{ status: number; etag: string | null }>;
  /** Closes the connection without a request to the API. */
  hangUp(): Promise<void>;
};

/** @param url of the API, whose origin the page gets */
export async function openPeerPage(page: Page, url: string): Promise<PeerPage> {
  await page.goto(url);
  await page.setContent('<!doctype html><title>peer</title><video id="video" muted autoplay playsinline>');
  await page.evaluate(script);
  return {
    offer: () => page.evaluate<string>('window.completeOffer(new RTCPeerConnection())'),
    play: (to, token) => page.evaluate<PeerAnswer>(`window.play(${JSON.stringify([to, token])})`),
    hangUp: () => page.evaluate('window.hangUp()'),
    restartIce: (at, token) => page.evaluate(`window.restartIce(${JSON.stringify([at, token])})`),
    hasEnded: () => page.evaluate<boolean>('window.hasEnded()'),
  };
}

const script = `
window.completeOffer = async (peer) => {
  if (peer.getTransceivers().length === 0) peer.addTransceiver('video', { direction: 'recvonly' });
  await peer.setLocalDescription(await peer.createOffer());
  await new Promise((resolve) => {
    if (peer.iceGatheringState === 'complete') resolve();
    peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && resolve();
  });
  return peer.localDescription.sdp;
};
// RFC 8840 and RFC 9725, section 4.4.3: the fragment has credentials and candidates, the answer those of the server.
const restart = async (peer, [url, token]) => {
  peer.restartIce();
  const lines = (await window.completeOffer(peer)).split('\\r\\n');
  const own = (start) => lines.filter((line) => line.startsWith(start));
  const response = await fetch(url, {
    method: 'PATCH',
    headers: {
      'content-type': 'application/trickle-ice-sdpfrag',
      'if-match': '*',
      authorization: 'Bearer ' + token,
    },
    body: [
      own('a=ice-ufrag:')[0], own('a=ice-pwd:')[0],
      own('m=')[0], own('a=mid:')[0], ...own('a=candidate:'), '',
    ].join('\\r\\n'),
  });
  const { status } = response;
  const etag = response.headers.get('etag');
  if (status !== 200) return { status, etag };
  const theirs = (await response.text()).split(/\\r?\\n/).filter((line) => /^a=(ice-ufrag|ice-pwd|candidate):/.test(line));
  const kept = peer.remoteDescription.sdp.trim().split(/\\r?\\n/).filter((line) => !/^a=(ice-ufrag|ice-pwd|candidate):/.test(line));
  await peer.setRemoteDescription({ type: 'answer', sdp: [...kept, ...theirs, ''].join('\\r\\n') });
  const ufrag = own('a=ice-ufrag:')[0].split(':')[1];
  const stats = async (type) => [...(await peer.getStats()).values()].find((each) => each.type === type);
  const isRestarted = async () => {
    const { iceLocalUsernameFragment, iceState } = await stats('transport');
    return iceLocalUsernameFragment === ufrag && /connected|completed/.test(iceState);
  };
  const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
  while (!(await isRestarted())) await pause();
  const { framesDecoded } = await stats('inbound-rtp');
  while ((await stats('inbound-rtp')).framesDecoded < framesDecoded + 5) await pause();
  return { status, etag };
};
window.play = async ([url, token]) => {
  const peer = new RTCPeerConnection();
  const video = document.getElementById('video');
  peer.ontrack = ({ track }) => { video.srcObject = new MediaStream([track]); };
  await window.completeOffer(peer);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer ' + token },
    body: JSON.stringify(peer.localDescription),
  });
  const answer = await response.json();
  const { status } = response;
  if (status !== 200) return { status, location: null, width: 0 };
  await peer.setRemoteDescription(answer);
  window.hangUp = () => peer.close();
  window.restartIce = (to) => restart(peer, to);
  const [{ transport }] = peer.getReceivers();
  window.hasEnded = () => transport.state === 'closed' || /closed|failed/.test(peer.connectionState);
  while (video.videoWidth === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  return { status, location: response.headers.get('location'), width: video.videoWidth };
};`;
