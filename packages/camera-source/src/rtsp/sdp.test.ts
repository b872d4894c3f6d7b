import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { audioOf, codecOf, describeAudio, parseDescription, videoFactsOf, videoOf } from './sdp.ts';

/** Codec and size of the video, and the sound. */
function readDescription(text: string) {
  const description = parseDescription(text);
  if (!description) return undefined;
  const [video, audio] = [videoOf(description), audioOf(description)];
  const { width, height } = (video && videoFactsOf(video)) ?? {};
  return {
    video: video ? { codec: codecOf(video), ...(width !== undefined && { width, height }) } : null,
    audio: audio ? describeAudio(audio) : null,
  };
}

const session = ['v=0', 'o=- 0 0 IN IP4 192.0.2.1', 's=stream', 't=0 0'];
const sdp = (...lines: string[]) => [...session, ...lines, ''].join('\r\n');

describe('readDescription', () => {
  it('reads codec and size of H.264, and the sound beside it', () => {
    const text = sdp(
      'm=video 0 RTP/AVP 96',
      'a=rtpmap:96 H264/90000',
      'a=fmtp:96 packetization-mode=1; profile-level-id=640028; sprop-parameter-sets=Z2QAKKzZQHgCJ+XARAAAAwAEAAADAMg8YMZY,aOvjyyLA',
      'm=audio 0 RTP/AVP 97',
      'a=rtpmap:97 MPEG4-GENERIC/48000/2',
    );
    expect(readDescription(text)).toEqual({
      video: { codec: 'h264', width: 1920, height: 1080 },
      audio: { codec: 'aac', sampleRate: 48_000, channels: 2 },
    });
  });

  it.each([
    ['96 H264/90000', 'h264'],
    ['96 H265/90000', 'h265'],
    ['96 HEVC/90000', 'h265'],
    ['96 JPEG/90000', 'mjpeg'],
    ['96 MP4V-ES/90000', 'mpeg4'],
    ['96 AV1/90000', 'av1'],
    ['96 VP8/90000', 'vp8'],
    ['96 VP9/90000', 'vp9'],
    ['96 X-Vendor.1/90000', 'x-vendor.1'],
    ['96 constructor/90000', 'constructor'],
  ])('calls the codec of rtpmap %s %s', (mapping, codec) => {
    expect(readDescription(sdp('m=video 0 RTP/AVP 96', `a=rtpmap:${mapping}`))?.video).toEqual({ codec });
  });

  it('knows payload types that need no mapping', () => {
    const text = sdp('m=video 0 RTP/AVP 26', 'm=audio 0 RTP/AVP 0');
    expect(readDescription(text)).toEqual({
      video: { codec: 'mjpeg' },
      audio: { codec: 'pcmu', sampleRate: 8000, channels: 1 },
    });
  });

  it('does not take the back channel for the sound of the camera', () => {
    const text = sdp(
      'm=video 0 RTP/AVP 26',
      'm=audio 0 RTP/AVP 0',
      'a=sendonly',
      'm=audio 0 RTP/AVP 8',
      'a=recvonly',
    );
    expect(readDescription(text)?.audio?.codec).toBe('pcma');
  });

  it('reports missing video', () => {
    expect(
      readDescription(sdp('m=application 0 RTP/AVP 107', 'a=rtpmap:107 vnd.onvif.metadata/90000')),
    ).toEqual({
      video: null,
      audio: null,
    });
  });

  it('leaves the size out when the parameter sets are broken', () => {
    const text = sdp(
      'm=video 0 RTP/AVP 96',
      'a=rtpmap:96 H264/90000',
      'a=fmtp:96 sprop-parameter-sets=Z2Q,,=,aOvj',
    );
    expect(readDescription(text)?.video).toEqual({ codec: 'h264' });
  });

  it('reads lines with bare line feeds', () => {
    expect(readDescription('v=0\nm=video 0 RTP/AVP 26\n')?.video).toEqual({ codec: 'mjpeg' });
  });

  it('takes other texts for no description, and never throws', () => {
    expect(readDescription('')).toBeUndefined();
    expect(readDescription('<html>m=video 0 RTP/AVP 26')).toBeUndefined();
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 20 }), (lines) => {
        readDescription(sdp(...lines.map((line) => `a=${line}`), ...lines));
      }),
    );
  });
});
