import { createTestAuthority } from '@camplane/testkit/test-authority';
import type { CamplaneCluster } from './camplane-cluster.ts';
import type { Tenant } from './tenants.ts';

/** The installation with TLS, and the host names of its certificate, which only viewers use. */
export const securedTenant: Tenant = 'north';
export const dashboardHost = 'cameras.north.test';
export const mediaHost = 'media.north.test';
const secretName = 'north-tls';

export type TenantCertificates = {
  /** The authority, in PEM. No pod knows it. */
  ca: string;
  /** Puts a new certificate for this subject into the Secret. */
  issue(subject: string): Promise<void>;
};

/** The chart's values for it. The schemes and the RTSPS port are derived. */
export const securedValues = {
  tls: { secretName },
  viewers: {
    rtspUrl: `rtsp://${mediaHost}:8554`,
    hlsUrl: `http://${mediaHost}:8888`,
    webrtcUrl: `http://${mediaHost}:8889`,
    dashboardOrigins: [`http://${dashboardHost}:8080`],
  },
  'controlApi.allowedHosts': [dashboardHost],
};

export function tenantCertificates({ kubectl }: CamplaneCluster, folder: string): TenantCertificates {
  const authority = createTestAuthority(folder);
  return {
    ca: authority.caPem,
    async issue(subject) {
      const hosts = [`DNS:${dashboardHost}`, `DNS:${mediaHost}`];
      const { cert, key } = authority.issue(subject, { hosts });
      await kubectl(['apply', '-f', '-'], {
        ...{ apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls' },
        metadata: { name: secretName, namespace: securedTenant },
        stringData: { 'tls.crt': cert, 'tls.key': key },
      });
    },
  };
}
