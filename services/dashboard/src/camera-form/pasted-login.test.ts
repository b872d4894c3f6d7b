import { describe, expect, it } from '@jest/globals';
import { splitLogin } from './pasted-login.ts';

describe('an address with a login in it', () => {
  it('is split into address, user and password', () => {
    expect(splitLogin('rtsp://admin:s3cret@192.0.2.10:554/stream1?x=1')).toEqual({
      url: 'rtsp://192.0.2.10:554/stream1?x=1',
      username: 'admin',
      password: 's3cret',
    });
  });

  it('may have encoded characters, colons and at signs in its password', () => {
    expect(splitLogin('rtsp://a:p%40s:s@w@host/1')).toEqual({
      url: 'rtsp://host/1',
      username: 'a',
      password: 'p@s:s@w',
    });
    expect(splitLogin('rtsp://a:100%@host/1')?.password).toBe('100%');
  });

  it('may have only a user name', () => {
    expect(splitLogin('rtsp://admin@host')).toEqual({ url: 'rtsp://host', username: 'admin', password: '' });
  });

  it.each(['rtsp://host/stream', 'rtsp://host/a@b', 'v4l2:/dev/video0', ''])('is not found in %j', (text) => {
    expect(splitLogin(text)).toBeNull();
  });
});
