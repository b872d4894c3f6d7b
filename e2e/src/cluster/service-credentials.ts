import type { CamplaneCluster } from './camplane-cluster.ts';
import type { Tenant } from './tenants.ts';

const status = 'camera:9100/cameras/street/status';
const snapshot = 'camera:9100/cameras/street/snapshot';
const metrics = ['api:8080', 'operator:9102', 'detection:9101', 'jpeg:8081', 'camera:9100', 'probe:9100'];

/** The answer to each credential of the Secret of services: `KEY COMPONENT:PORT/PATH`. */
export const serviceAnswers: Readonly<Record<string, number>> = {
  [`operator-password ${status}`]: 200,
  [`operator-password ${snapshot}`]: 403,
  [`control-api-password ${status}`]: 403,
  [`control-api-password ${snapshot}`]: 200,
  ...Object.fromEntries(metrics.map((port) => [`metrics-token ${port}/metrics`, 200])),
  [`metrics-token ${snapshot}`]: 401,
  [`operator-password detection:9101/metrics`]: 401,
};

/** Presents the credentials of an installation, from the host, to pods. */
export async function answersOfServices(
  { kubectl }: CamplaneCluster,
  { credentialsOf, at }: { credentialsOf: Tenant; at: (component: string) => string },
): Promise<Record<string, number>> {
  const secret = await kubectl(['-n', credentialsOf, 'get', 'secret', 'camplane-media', '--output=json']);
  const { data } = JSON.parse(secret) as { data: Record<string, string> };
  const entries = Object.keys(serviceAnswers).map(async (request) => {
    const [key = '', component = '', rest = ''] = /^(\S+) ([a-z]+)(:.*)$/.exec(request)?.slice(1) ?? [];
    const credential = Buffer.from(data[key] ?? '', 'base64').toString();
    const response = await fetch(`http://${at(component)}${rest}`, {
      headers: { authorization: `Bearer ${credential}` },
    });
    await response.body?.cancel();
    return [request, response.status] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
