import { describe, expect, it } from '@jest/globals';
import { createWebrtcSessionIds } from './webrtc-session-ids.ts';

const secret = 'a secret of tests with 32 characters';
const ids = createWebrtcSessionIds(secret);
const session = { cameraId: 'door', userId: 'amy-id', url: 'http://10.1.2.3:8889/door/whep/secret' };

describe('the id of a WHEP session', () => {
  it('is read by every replica with the same secret, and by no other', () => {
    const id = ids.idOf(session);
    expect(createWebrtcSessionIds(secret).sessionOf(id)).toEqual(session);
    expect(createWebrtcSessionIds(`another ${secret}`).sessionOf(id)).toBeNull();
  });

  it('shows neither the address at the media server nor the user', () => {
    const shown = Buffer.from(ids.idOf(session), 'base64url').toString('latin1');
    for (const text of ['10.1.2.3', 'secret', 'amy']) expect(shown).not.toContain(text);
    expect(ids.idOf(session)).not.toBe(ids.idOf(session));
  });

  it('is refused if any part of it was changed', () => {
    const id = ids.idOf(session);
    for (let at = 0; at < id.length; at += 1) {
      const changed = id.slice(0, at) + (id[at] === 'A' ? 'B' : 'A') + id.slice(at + 1);
      // The last character has bits that do not count.
      if (Buffer.from(changed, 'base64url').equals(Buffer.from(id, 'base64url'))) continue;
      expect(ids.sessionOf(changed)).toBeNull();
    }
    for (const wrong of ['', 'none', 'x'.repeat(10_000), '../..', '%00'])
      expect(ids.sessionOf(wrong)).toBeNull();
  });
});

describe('the tag of ICE credentials', () => {
  it('is a strong tag of one session, and contains the time of its issue', () => {
    const tag = ids.tagOf('a', 1_790_000_000_000);
    expect(tag).toMatch(/^"[\x21\x23-\x7e]+"$/);
    expect(ids.issuedMsOf('a', tag)).toBe(1_790_000_000_000);
    expect(ids.issuedMsOf('b', tag)).toBeNull();
    for (const wrong of ['"older"', '""', '*', tag.replace('"', '"0'), `W/${tag}`]) {
      expect(ids.issuedMsOf('a', wrong)).toBeNull();
    }
  });
});
