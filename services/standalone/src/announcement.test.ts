import { describe, expect, it } from '@jest/globals';
import { announcement } from './announcement.ts';

const start = {
  ...{ url: 'http://127.0.0.1:8080', publicHost: '127.0.0.1', dataFolder: './data' },
  ...{ welcomeToken: null, hasPasswordFile: false },
};

describe('the announcement of a start', () => {
  it('is the plain address where nothing asks for a login', () => {
    expect(announcement(start)).toBe('Camplane is ready: http://127.0.0.1:8080\n');
  });

  it('contains the address that signs in once, and the file of the password', () => {
    expect(announcement({ ...start, welcomeToken: 'a-token', hasPasswordFile: true })).toBe(
      'Camplane is ready: http://127.0.0.1:8080/welcome#a-token\n' +
        'This address signs in once, within 24 hours.\n' +
        'The password of the user admin is in data/admin-password\n',
    );
  });

  it('names an address that a browser can open', () => {
    for (const url of ['http://0.0.0.0:8080', 'http://[::]:8080']) {
      expect(announcement({ ...start, url, publicHost: '192.0.2.7' })).toContain(' http://192.0.2.7:8080\n');
    }
  });
});
