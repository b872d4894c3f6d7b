import { describe, expect, it } from '@jest/globals';
import { plainTextListeners } from './plain-text-listeners.ts';

const loopback = {
  HTTP_HOST: '127.0.0.1',
  MEDIA_HOST: '127.0.0.1',
  RTSP_PORT: 8554,
  TLS_CERT_FILE: undefined,
} as const;

describe('plainTextListeners', () => {
  it('has nothing on loopback', () => {
    expect(plainTextListeners(loopback)).toBeNull();
    expect(plainTextListeners({ ...loopback, HTTP_HOST: '0.0.0.0', TLS_CERT_FILE: '/tls.crt' })).toBeNull();
  });

  it('names each address without TLS, and the remedy', () => {
    expect(plainTextListeners({ ...loopback, HTTP_HOST: '192.0.2.1', MEDIA_HOST: '0.0.0.0' })).toEqual({
      listeners: ['HTTP_HOST=192.0.2.1', 'MEDIA_HOST=0.0.0.0'],
      message: expect.stringContaining('set TLS_CERT_FILE and TLS_KEY_FILE'),
    });
    expect(plainTextListeners({ ...loopback, MEDIA_HOST: '0.0.0.0' })?.listeners).toEqual([
      'MEDIA_HOST=0.0.0.0',
    ]);
  });

  it('names the port of plain RTSP, which TLS does not close', () => {
    const open = plainTextListeners({ ...loopback, MEDIA_HOST: '0.0.0.0', TLS_CERT_FILE: '/tls.crt' });
    expect(open).toEqual({ listeners: ['RTSP_PORT=8554'], message: expect.stringContaining('RTSPS_PORT') });
  });
});
