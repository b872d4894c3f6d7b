import { describe, expect, it } from '@jest/globals';
import { answersVideo, problemOfOffer } from './offer-check.ts';

const ice = ['a=ice-ufrag:x7Yd', 'a=ice-pwd:0123456789abcdef01234567', 'a=fingerprint:sha-256 AA:BB'];

function offerOf(media: string[], session: string[] = ['v=0', ...ice]): string {
  return [...session, ...media, ''].join('\r\n');
}
const video = ['m=video 9 UDP/TLS/RTP/SAVPF 96', 'a=recvonly', 'a=rtpmap:96 H264/90000'];
const audio = ['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=recvonly', 'a=rtpmap:111 opus/48000/2'];

describe('an offer', () => {
  it.each([
    ['video alone', offerOf(video)],
    ['audio and video', offerOf([...audio, ...video])],
    ['line ends without carriage returns', offerOf(video).replaceAll('\r', '')],
    ['ICE credentials for each medium', offerOf([...video, ...ice], ['v=0'])],
    ['a codec in lower case', offerOf(video).replace('H264', 'h264')],
  ])('with %s can be answered', (_what, sdp) => {
    expect(problemOfOffer(sdp)).toBeNull();
  });

  it.each([
    ['no media', offerOf([]), 'malformed', 'no media'],
    ['no ICE credentials', offerOf(video, ['v=0', ...ice.slice(1)]), 'malformed', 'a=ice-ufrag'],
    ['no fingerprint', offerOf(video, ['v=0', ...ice.slice(0, 2)]), 'malformed', 'a=fingerprint'],
    ['audio alone', offerOf(audio), 'unacceptable', 'no video'],
    ['video that is sent', offerOf(video).replace('recvonly', 'sendonly'), 'unacceptable', 'recvonly'],
    ['a codec of nobody', offerOf(video).replace('H264', 'THEORA'), 'unacceptable', 'H264'],
  ])('with %s is refused', (_what, sdp, kind, text) => {
    expect(problemOfOffer(sdp)).toEqual({ kind, message: expect.stringContaining(text) });
  });
});

describe('an answer', () => {
  it('has video unless the port of the medium is 0', () => {
    expect(answersVideo('v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n')).toBe(true);
    expect(answersVideo('v=0\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\n')).toBe(false);
    expect(answersVideo('v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96\r\n')).toBe(false);
  });
});
