import { describe, expect, it } from '@jest/globals';
import { relayDescription } from './relay-description.ts';
import { audioOf, parseDescription, videoOf } from './sdp.ts';

function mediaOf(text: string) {
  const description = parseDescription(text) ?? { control: null, media: [] };
  const video = videoOf(description);
  if (!video) throw new Error('the description has no video');
  return { video, audio: audioOf(description) ?? null };
}

const h264 = [
  'm=audio 0 RTP/AVP 97',
  'a=rtpmap:97 MPEG4-GENERIC/48000/2',
  'a=fmtp:97 streamtype=5; mode=AAC-hbr; config=1190; sizeLength=13',
  'a=control:sound',
  'm=application 0 RTP/AVP 107',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z01A,aOvD',
  'a=control:picture',
].join('\r\n');

describe('relayDescription', () => {
  it('describes only the tracks that play, video first', () => {
    const { video, audio } = mediaOf(h264);
    expect(relayDescription({ video, videoSets: [], audio }).split('\r\n').slice(5)).toEqual([
      'm=video 0 RTP/AVP 96',
      'a=rtpmap:96 H264/90000',
      'a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z01A,aOvD',
      'a=control:track0',
      'm=audio 0 RTP/AVP 97',
      'a=rtpmap:97 MPEG4-GENERIC/48000/2',
      'a=fmtp:97 streamtype=5; mode=AAC-hbr; config=1190; sizelength=13',
      'a=control:track1',
      '',
    ]);
    expect(relayDescription({ video, videoSets: [], audio: null })).not.toContain('audio');
  });

  it('prefers the parameter sets of the stream', () => {
    const { video } = mediaOf(h264);
    const videoSets = [Buffer.from([0x67, 1, 2]), Buffer.from([0x68, 3, 4])];
    const text = relayDescription({ video, videoSets, audio: null });
    expect(text).toContain('sprop-parameter-sets=ZwEC,aAME');
    expect(text).not.toContain('Z01A');
  });

  it('adds parameter sets of H.265 that the camera does not describe', () => {
    const { video } = mediaOf('m=video 0 RTP/AVP 98\r\na=rtpmap:98 H265/90000');
    const videoSets = [Buffer.from([0x40, 1, 1]), Buffer.from([0x42, 1, 2]), Buffer.from([0x44, 1, 3])];
    expect(relayDescription({ video, videoSets, audio: null })).toContain(
      'a=fmtp:98 sprop-vps=QAEB; sprop-sps=QgEC; sprop-pps=RAED',
    );
  });

  it('names static payload types', () => {
    const { video } = mediaOf('m=video 0 RTP/AVP 26');
    expect(relayDescription({ video, videoSets: [], audio: null })).toContain('a=rtpmap:26 JPEG/90000');
  });
});
