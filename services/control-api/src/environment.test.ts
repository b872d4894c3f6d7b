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

  it.each([
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
