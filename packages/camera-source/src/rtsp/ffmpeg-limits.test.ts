import { describe, expect, it } from '@jest/globals';
import { ffmpegRefusal } from './ffmpeg-limits.ts';
import type { TlsFacts } from './rtsp-connection.ts';
import { parseDescription, videoOf } from './sdp.ts';

const withSets =
  'm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 sprop-parameter-sets=Z01AHtkAoC/5cBEAAAMAAQAAAwAyDxYuSA==,aOvDyyA=';
const good: TlsFacts = {
  protocol: 'TLSv1.2',
  cipher: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  rsaBits: 2048,
  dhBits: null,
};

function refusal(options: {
  credentials?: { username: string; password: string };
  challenges?: readonly string[];
  sdp?: string;
  security?: Partial<TlsFacts>;
  hasReconnected?: boolean;
  answerMs?: number;
}): string | null {
  const video = videoOf(parseDescription(options.sdp ?? withSets) ?? { control: null, media: [] });
  if (!video) throw new Error('the description has no video');
  const answer = { status: 200, headers: new Map(), body: '', irregularity: null };
  const headers = new Map([['www-authenticate', options.challenges ?? []]]);
  return ffmpegRefusal({
    credentials: options.credentials ?? { username: 'viewer', password: 'secret' },
    challenge: options.challenges ? { ...answer, status: 401, headers } : null,
    hasReconnected: options.hasReconnected === true,
    security: options.security ? { ...good, ...options.security } : null,
    description: answer,
    answerMs: options.answerMs ?? 20,
    video,
  });
}

const digest = (algorithm?: string, more = '') =>
  `Digest realm="a", nonce="b"${algorithm === undefined ? '' : `, algorithm=${algorithm}`}${more}`;

describe('ffmpegRefusal', () => {
  it.each([
    ['no login', []],
    ['Basic', ['Basic realm="a"']],
    ['MD5', [digest()]],
    ['MD5 after SHA-256', [digest('SHA-256'), digest('MD5')]],
    ['MD5-sess with qop', [digest('MD5-sess', ', qop="auth"')]],
  ])('lets FFmpeg open a camera with %s', (_name, challenges) => {
    expect(refusal({ challenges })).toBeNull();
  });

  it.each([
    ['SHA-256 alone', [digest('SHA-256')], 'SHA-256'],
    ['SHA-256 after MD5', [digest('MD5'), digest('SHA-256')], 'SHA-256'],
    ['MD5-sess without qop', [digest('MD5-sess')], 'MD5-sess'],
    ['md5 in lower case', [digest('md5')], 'md5'],
    ['a long nonce', [`Digest realm="a", nonce="${'n'.repeat(300)}"`], 'too long'],
  ])('asks for the relay for %s', (_name, challenges, reason) => {
    expect(refusal({ challenges })).toContain(reason);
  });

  it('counts user and password as FFmpeg gets them, percent-encoded', () => {
    const challenges = [digest()];
    expect(refusal({ challenges, credentials: { username: 'u', password: 'p'.repeat(125) } })).toBeNull();
    expect(refusal({ challenges, credentials: { username: 'u', password: 'p'.repeat(126) } })).toContain(
      'too long',
    );
    expect(refusal({ challenges, credentials: { username: 'u', password: 'ü'.repeat(21) } })).toContain(
      'too long',
    );
    expect(refusal({ credentials: { username: 'u', password: 'p'.repeat(300) } })).toBeNull();
  });

  it.each([
    ['TLS 1.0', { protocol: 'TLSv1' }, 'TLSv1'],
    ['RSA key exchange', { cipher: 'TLS_RSA_WITH_AES_128_CBC_SHA' }, 'TLS_RSA'],
    ['3DES', { cipher: 'TLS_RSA_WITH_3DES_EDE_CBC_SHA' }, '3DES'],
    ['a short key', { rsaBits: 1024 }, '1024'],
    ['a small group', { dhBits: 1024 }, '1024'],
  ])('asks for the relay for %s', (_name, security, reason) => {
    expect(refusal({ security })).toContain(reason);
    expect(refusal({ security: {} })).toBeNull();
  });

  it.each([
    ['without parameter sets', 'm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000', 'parameter sets'],
    ['without the codec', withSets.replace(/a=rtpmap.*/, ''), 'codec'],
  ])('asks for the relay for a description %s', (_name, sdp, reason) => {
    expect(refusal({ sdp })).toContain(reason);
  });

  it('asks for the relay for a camera that answers slowly', () => {
    expect(refusal({ answerMs: 7000 })).toContain('slowly');
  });

  it('asks for the relay for a camera that closes the connection with its challenge', () => {
    expect(refusal({ hasReconnected: true })).toContain('closes the connection');
  });
});
