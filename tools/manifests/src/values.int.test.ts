import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { chart, helm, kubeVersion, renderChart } from './testing/render.ts';

const examples = readdirSync(join(chart, 'ci')).map((name) => `ci/${name}`);

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

  it('encode any character of the password in the database URL', () => {
    const [secret] = renderChart({ values: 'ci/options-values.yaml' }).filter(
      ({ kind }) => kind === 'Secret',
    );
    const { password, url } = secret?.['stringData'] as { password: string; url: string };
    expect(decodeURIComponent(new URL(url).password)).toBe(password);
    expect(password).toBe('p%ss/w@rd +1');
  }, 60_000);
});
