import { describe, expect, it } from '@jest/globals';
import { mediaServerConfiguration } from './configuration.ts';

const settings = {
  host: '127.0.0.1',
  ports: { rtsp: 1, hls: 2, webrtc: 3, webrtcUdp: 4, api: 5, metrics: null },
  authUrl: 'http://127.0.0.1:9/auth',
  controlAccess: 'hook',
  logLevel: 'info',
  allowOrigins: ['http://127.0.0.1:8080'],
  additionalHosts: [],
} as const;
const parse = (text: string) => JSON.parse(text) as Record<string, unknown>;

describe('mediaServerConfiguration', () => {
  it('calls the hook for the control API unless it is open', () => {
    const hooked = parse(mediaServerConfiguration({ ...settings, allowOrigins: [], additionalHosts: [] }));
    expect(hooked['authHTTPExclude']).toEqual([{ action: 'metrics' }]);
    const open = parse(
      mediaServerConfiguration({ ...settings, controlAccess: 'open', allowOrigins: [], additionalHosts: [] }),
    );
    expect(open['authHTTPExclude']).toEqual([{ action: 'api' }, { action: 'metrics' }]);
  });

  it('keeps the control API on loopback if viewers are remote', () => {
    const made = parse(
      mediaServerConfiguration({ ...settings, host: '0.0.0.0', allowOrigins: [], additionalHosts: [] }),
    );
    expect(made['rtspAddress']).toBe('0.0.0.0:1');
    expect(made['apiAddress']).toBe('127.0.0.1:5');
  });

  it('serves RTSP only, without ports for HLS and WebRTC', () => {
    const ports = { rtsp: 1, api: 5, metrics: null };
    const made = parse(
      mediaServerConfiguration({ ...settings, ports, allowOrigins: [], additionalHosts: [] }),
    );
    expect(made).toMatchObject({ rtsp: true, hls: false, webrtc: false });
    expect(Object.keys(made).filter((key) => /^(hls|webrtc)./.test(key))).toEqual([]);
  });

  it('serves HLS and WebRTC over HTTPS alone and RTSPS on its own port with a certificate', () => {
    const tls = { certFile: '/tls.crt', keyFile: '/tls.key', rtspsPort: 6 };
    const made = parse(mediaServerConfiguration({ ...settings, tls, allowOrigins: [], additionalHosts: [] }));
    expect(made).toMatchObject({
      ...{ hlsEncryption: true, hlsServerCert: '/tls.crt', hlsServerKey: '/tls.key' },
      ...{ webrtcEncryption: true, webrtcServerCert: '/tls.crt', webrtcServerKey: '/tls.key' },
      ...{ rtspEncryption: 'optional', rtspServerCert: '/tls.crt', rtspServerKey: '/tls.key' },
      ...{ rtspAddress: '127.0.0.1:1', rtspsAddress: '127.0.0.1:6' },
    });
  });

  it('writes an IPv6 host in brackets', () => {
    const made = parse(
      mediaServerConfiguration({ ...settings, host: '::1', allowOrigins: [], additionalHosts: [] }),
    );
    expect(made['hlsAddress']).toBe('[::1]:2');
  });
});
