import { describe, expect, it } from '@jest/globals';
import { requireLoopback } from './require-loopback.ts';

describe('an installation without access control', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', 'localhost'])('may listen on %s', (host) => {
    expect(() => requireLoopback('HTTP_HOST', host)).not.toThrow();
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', '128.0.0.1', 'localhost.example', '::ffff:192.0.2.1', ''])(
    'refuses to listen on %j, with the remedy',
    (host) => {
      expect(() => requireLoopback('MEDIA_HOST', host)).toThrow(/MEDIA_HOST=.*remove CAMPLANE_AUTH=none/);
    },
  );
});
