import { describe, expect, it } from '@jest/globals';
import type { AuthRequest } from '@camplane/mediamtx/auth-request';
import { createViewPasses } from '@camplane/mediamtx/view-passes';
import { wallClock } from '@camplane/runtime/clock';
import { withStreamProxy } from './stream-proxy-gate.ts';

const secret = 's'.repeat(32);
const passes = createViewPasses(secret, wallClock);

function setUp() {
  const asked: AuthRequest[] = [];
  const gate = withStreamProxy(
    {
      admit(request) {
        asked.push(request);
        return { allow: false, reason: 'asked the gate' };
      },
    },
    secret,
    { wallClock, cameras: { identity: (id) => (id === 'street' ? {} : undefined) } },
  );
  const admit = (path: string, change: Partial<AuthRequest> = {}) => {
    const { username: user, password } = new URL(passes.addTo(`rtsp://edge:8554/${path}`, path));
    return gate.admit({
      ...{ user, password, token: '', ip: '10.0.0.7', action: 'read', path, protocol: 'rtsp' },
      ...{ id: 'connection', query: '', ...change },
    });
  };
  return { admit, asked };
}

describe('the gate with stream-proxy', () => {
  it('admits its pass for a camera, without a credential', () => {
    const { admit, asked } = setUp();
    expect(admit('street')).toEqual({ allow: true, credentialId: null });
    expect(admit('street/sub')).toEqual({ allow: true, credentialId: null });
    expect(asked).toEqual([]);
  });

  it('asks the gate about absent cameras and everything else', () => {
    const { admit, asked } = setUp();
    const answers = [
      admit('corner'),
      admit('Street'),
      admit('street', { password: 'cpl_token' }),
      admit('street', { user: '', password: '' }),
      admit('street', { protocol: 'hls' }),
      admit('street', { action: 'playback' }),
    ];
    expect(answers.map(({ allow }) => allow)).toEqual(answers.map(() => false));
    expect(asked).toHaveLength(answers.length);
  });
});
