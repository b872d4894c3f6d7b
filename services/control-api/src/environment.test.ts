import { describe, expect, it } from '@jest/globals';
import { readEnvironment } from '@camplane/service-kit/environment';
import { configFrom, environment } from './environment.ts';

const read = (env: NodeJS.ProcessEnv) => configFrom(readEnvironment(environment, env));

describe('the environment of control-api', () => {
  it('needs nothing to be set', () => {
    expect(read({})).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      dataDir: './data',
      cameraServiceUrl: 'http://127.0.0.1:9100',
      frameRetentionDays: 7,
      frameStorageMaxBytes: 2_147_483_648,
      detectionRetentionDays: 30,
      maxCameras: 200,
      allowedOrigins: [],
      allowedHosts: [],
    });
    expect(read({})).not.toHaveProperty('databaseUrl');
  });

  it('takes lists with spaces in any case', () => {
    const config = read({ CAMPLANE_ALLOWED_ORIGINS: 'https://A.example , http://b.example:81' });
    expect(config.allowedOrigins).toEqual(['https://a.example', 'http://b.example:81']);
  });

  it('takes a certificate with its key, and neither alone', () => {
    const tls = { certFile: '/a.crt', keyFile: '/a.key' };
    expect(read({ TLS_CERT_FILE: tls.certFile, TLS_KEY_FILE: tls.keyFile })).toMatchObject({ tls });
    expect(() => read({ TLS_CERT_FILE: tls.certFile })).toThrow('TLS_KEY_FILE is not set');
    expect(() => read({ TLS_KEY_FILE: tls.keyFile })).toThrow('TLS_CERT_FILE is not set');
  });

  const oidc = {
    OIDC_ISSUER: 'https://id.example',
    OIDC_CLIENT_ID: 'camplane',
    CAMPLANE_PUBLIC_URL: 'https://cameras.example',
    CAMPLANE_ROLE_MAPPING: 'admins=admin@all',
  };

  it('takes an issuer with what it needs', () => {
    expect(read({ ...oidc, OIDC_SESSION_HOURS: '8' })).toMatchObject({
      publicUrl: 'https://cameras.example',
      oidc: { issuer: 'https://id.example', clientId: 'camplane', sessionMaxMs: 8 * 3600_000 },
      roleMapping: [{ group: 'admins', grant: { role: 'admin', scope: { kind: 'all' } } }],
    });
    expect(read({})).not.toHaveProperty('oidc');
    expect(read({})).toMatchObject({ trustedProxies: [] });
  });

  it.each([
    [{ ...oidc, OIDC_CLIENT_ID: '' }, 'OIDC_CLIENT_ID is not set'],
    [{ ...oidc, CAMPLANE_PUBLIC_URL: '' }, 'CAMPLANE_PUBLIC_URL is not set'],
    [{ ...oidc, CAMPLANE_ROLE_MAPPING: '' }, 'CAMPLANE_ROLE_MAPPING is not set'],
    [{ ...oidc, CAMPLANE_AUTH: 'none' }, 'OIDC_ISSUER has no effect with CAMPLANE_AUTH=none'],
    [{ ...oidc, OIDC_AUDIENCE: 'camplane' }, 'OIDC_AUDIENCE must not be OIDC_CLIENT_ID'],
    [{ ...oidc, OIDC_CLIENT_SECRET: 'a', OIDC_CLIENT_SECRET_FILE: '/b' }, 'remove one of them'],
    [{ CAMPLANE_PROXY_USER_HEADER: 'X-User' }, 'CAMPLANE_TRUSTED_PROXIES is not set'],
    [
      { CAMPLANE_PROXY_USER_HEADER: 'X-User', CAMPLANE_TRUSTED_PROXIES: '10.0.0.1' },
      'CAMPLANE_ROLE_MAPPING is not set',
    ],
  ])('refuses %j', (env: NodeJS.ProcessEnv, message) => {
    expect(() => read(env)).toThrow(message);
  });

  it.each([
    { CAMPLANE_PUBLIC_URL: 'https://cameras.example/path' },
    { OIDC_ISSUER: 'http://id.example' },
    { OIDC_SCOPES: 'profile' },
    { CAMPLANE_ROLE_MAPPING: 'admins' },
    { CAMPLANE_TRUSTED_PROXIES: '0.0.0.0/0' },
    { CAMPLANE_PROXY_USER_HEADER: 'X User' },
    { CAMPLANE_ALLOWED_ORIGINS: '*' },
    { CAMPLANE_ALLOWED_ORIGINS: 'https://a.example/path' },
    { CAMPLANE_ALLOWED_HOSTS: 'https://a.example' },
    { CAMPLANE_MEDIA_ORIGINS: "http://x 'unsafe-inline'" },
    { CAMPLANE_MAX_CAMERAS: '0' },
    { FRAME_RETENTION_DAYS: '0' },
    { FRAME_STORAGE_MAX_BYTES: '1000' },
    { DETECTION_RETENTION_DAYS: 'never' },
    { CAMERA_SERVICE_URL: 'file:///etc/passwd' },
    { CAMERA_URL: 'http://camera:9100' },
    { CAMERA_REGISTRY: 'etcd' },
    { DATABASE_URL: 'mysql://x' },
    { CAMPLANE_CREDENTIALS_KEY: 'c2hvcnQ=' },
    { CAMPLANE_CREDENTIALS_KEY_PREVIOUS: `${'A'.repeat(44)}` },
  ])('refuses %j by name', (env: NodeJS.ProcessEnv) => {
    expect(() => read(env)).toThrow(Object.keys(env)[0]);
  });
});
