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
    hasEnded: () => page.evaluate<boolean>('window.hasEnded()'),
  };
}

const script = `
window.completeOffer = async (peer) => {
  peer.addTransceiver('video', { direction: 'recvonly' });
  await peer.setLocalDescription(await peer.createOffer());
  await new Promise((resolve) => {
    if (peer.iceGatheringState === 'complete') resolve();
    peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && resolve();
  });
  return peer.localDescription.sdp;
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
  const [{ transport }] = peer.getReceivers();
  window.hasEnded = () => transport.state === 'closed' || /closed|failed/.test(peer.connectionState);
  while (video.videoWidth === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  return { status, location: response.headers.get('location'), width: video.videoWidth };
};`;
