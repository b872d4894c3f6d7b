import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { configFrom, environment } from '@camplane/control-api/environment';
import { readEnvironment } from '@camplane/service-kit/environment';
import { chart, helm, kubeVersion, nameOf, renderChart } from './testing/render.ts';

const examples = readdirSync(join(chart, 'ci')).map((name) => `ci/${name}`);

type Workload = {
  spec: { template: { spec: { containers: { env?: { name: string; value?: string }[] }[] } } };
};

/** A value, and the error that names its path and what is allowed. */
const refused: [string, RegExp][] = [
  ['controlApi.replica=2', /'\/controlApi': additional properties 'replica' not allowed/],
  ['mediamtx.webrtc.additionalHost={a}', /'\/mediamtx\/webrtc': additional properties 'additionalHost'/],
  ['networkpolicies.enabled=true', /additional properties 'networkpolicies' not allowed/],
  ['mediamtx.service.type=Nodeport', /'\/mediamtx\/service\/type': value must be one of 'ClusterIP'/],
  ['mediamtx.service.nodePorts.media=70000', /'\/mediamtx\/service\/nodePorts\/media': maximum/],
  ['mediamtx.replicas=two', /'\/mediamtx\/replicas': got string, want integer/],
  ['mediamtx.webrtc.iceServers[0].username=x', /'\/mediamtx\/webrtc\/iceServers\/0': .*'url'/],
  ['mediamtx.webrtc.iceServers[0].url=http://x', /'\/mediamtx\/webrtc\/iceServers\/0\/url'.*does not match/],
  ['controlApi.admin.password=short', /'\/controlApi\/admin\/password'.*does not match/],
  ['controlApi.image.digest=abc', /'\/controlApi\/image\/digest': 'abc' does not match/],
  ['viewers.hlsUrl=cameras.example', /'\/viewers\/hlsUrl': 'cameras.example' does not match/],
  ['viewers.dashboardOrigins={http://a/b}', /'\/viewers\/dashboardOrigins\/0'/],
  ['kafka.brokers={kafka}', /'\/kafka\/brokers\/0': 'kafka' does not match/],
  ['detectionService.workers=0', /'\/detectionService\/workers': minimum/],
  ['cameraOperator.maxUnavailableCameras=0', /'\/cameraOperator\/maxUnavailableCameras'/],
  ['cameraOperator.maxUnavailableCameras=101%', /'\/cameraOperator\/maxUnavailableCameras'.*'101%'/],
  ['cameras.maxFps=31', /'\/cameras\/maxFps': maximum/],
  ['cameras.networks=10.0.0.0;8', /'\/cameras\/networks': .* does not match/],
  ['logLevel=verbose', /'\/logLevel': value must be one of 'trace'/],
  ['fullnameOverride=Camplane', /'\/fullnameOverride'/],
  ['postgres.persistence.size=big', /'\/postgres\/persistence\/size'/],
  ['kafka.enabled=false', /kafka\.brokers: required if kafka\.enabled is false, for example/],
  ['controlApi.replicas=2', /controlApi\.replicas: more than one requires .*ReadWriteMany/],
  [
    'mediamtx.webrtc.nodeAddress=true',
    /mediamtx\.webrtc\.nodeAddress: requires mediamtx\.service\.type NodePort/,
  ],
  ['auth.oidc.issuer=http://id.example', /'\/auth\/oidc\/issuer'.*does not match/],
  ['auth.oidc.issuer=https://id.example', /auth\.oidc\.issuer: requires auth\.publicUrl, for example/],
  ['auth.oidc.scopes={email}', /'\/auth\/oidc\/scopes'/],
  ['auth.roleMapping={guards}', /'\/auth\/roleMapping\/0': 'guards' does not match/],
  ['auth.publicUrl=https://cameras.example/', /'\/auth\/publicUrl'.*does not match/],
  ['auth.proxy.trustedProxies={proxy.example}', /'\/auth\/proxy\/trustedProxies\/0'/],
  ['auth.proxy.userHeader=X-Forwarded-User', /auth\.proxy\.userHeader: requires auth\.proxy\.trustedProxies/],
  ['gateway.enabled=true', /gateway\.parentRefs: required if gateway\.enabled is true, for example/],
];

describe('chart values', () => {
  it.each(refused)(
    'are rejected by name if invalid: %s',
    (assignment, words) => {
      expect(() => renderChart({ set: [assignment] })).toThrow(words);
    },
    60_000,
  );

  it.each(['values.yaml', ...examples])(
    'pass helm lint in the example %s',
    (values) => {
      const args = ['lint', '--strict', '--kube-version', kubeVersion, '--values', join(chart, values)];
      expect(helm([...args, chart])).toContain('0 chart(s) failed');
    },
    60_000,
  );

  it('name the objects after the release', () => {
    const names = (release: string) =>
      renderChart({ release })
        .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
        .filter((name) => name.startsWith('Deployment'));
    expect(names('camplane')).toContain('Deployment camplane-control-api');
    expect(names('yard')).toContain('Deployment yard-camplane-control-api');
  }, 60_000);

  it.each([
    [true, 0],
    [false, 5],
  ])('monitoring.requireToken=%s opens the metrics of %i Deployments', (requireToken, count) => {
    const set = [`monitoring.requireToken=${requireToken}`];
    const objects = renderChart({ values: 'ci/guarded-values.yaml', set });
    const open = objects.filter((object) => /METRICS_ACCESS[^}]*open/.test(JSON.stringify(object)));
    expect(open).toHaveLength(count);
    for (const kind of ['ServiceMonitor', 'PodMonitor']) {
      const monitor = objects.filter((object) => object.kind === kind);
      const token = '"credentials":{"name":"camplane-media","key":"metrics-token"}';
      expect(JSON.stringify(monitor).includes(token)).toBe(requireToken);
    }
  });

  it('of users who sign in elsewhere are valid variables of control-api', () => {
    const set = [
      'auth.oidc.issuer=https://id.example:8443/realms/home',
      'auth.oidc.audience=https://cameras.example/api',
      'auth.proxy.trustedProxies={10.0.3.7,10.1.0.0/16}',
      'auth.proxy.userHeader=X-Forwarded-User',
    ];
    const objects = renderChart({ values: 'ci/oidc-values.yaml', set });
    const [deployment] = objects.filter((object) => nameOf(object) === 'Deployment camplane-control-api');
    const { containers } = (deployment as unknown as Workload).spec.template.spec;
    const env = Object.fromEntries((containers[0]?.env ?? []).map(({ name, value }) => [name, value]));
    const fromSecrets = { STREAM_PROXY_SECRET: 's'.repeat(32) };
    const values = readEnvironment(environment, {
      ...env,
      ...fromSecrets,
      CAMPLANE_ALLOWED_HOSTS: 'control-api',
    });
    expect(configFrom(values)).toMatchObject({
      publicUrl: 'https://cameras.example',
      roleMapping: [{ group: 'camera-admins' }, { group: 'guards' }],
      oidc: {
        ...{ issuer: 'https://id.example:8443/realms/home', clientId: 'camplane', name: 'Keycloak' },
        ...{ scopes: 'openid profile email', audience: 'https://cameras.example/api' },
      },
      trustedProxies: ['10.0.3.7', '10.1.0.0/16'],
      proxyLogin: { userHeader: 'X-Forwarded-User', groupsHeader: 'X-Forwarded-Groups' },
    });
    const [policy] = objects.filter((object) => nameOf(object) === 'NetworkPolicy camplane-control-api');
    const { egress } = policy?.['spec'] as { egress: { ports: { port: number }[] }[] };
    expect(egress.flatMap(({ ports }) => ports.map(({ port }) => port))).toContain(8443);
  }, 60_000);

  it('leave no trace of stream-proxy where it is disabled', () => {
    const render = (enabled: boolean) =>
      JSON.stringify(
        renderChart({ values: 'ci/guarded-values.yaml', set: [`streamProxy.enabled=${enabled}`] }),
      );
    // The key of the Secret stays, for a later installation.
    const trace = /camplane-stream-proxy|STREAM_PROXY|"app.kubernetes.io\/component":"jpeg"|8081/;
    expect(render(true)).toMatch(trace);
    expect(render(false)).not.toMatch(trace);
  }, 60_000);

  it('encode any character of the password in the database URL', () => {
    const [secret] = renderChart({ values: 'ci/options-values.yaml' }).filter(
      ({ kind }) => kind === 'Secret',
    );
    const { password, url } = secret?.['stringData'] as { password: string; url: string };
    expect(decodeURIComponent(new URL(url).password)).toBe(password);
    expect(password).toBe('p%ss/w@rd +1');
  }, 60_000);
});
