import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { podOf } from './testing/dry-run.ts';
import type { Manifest } from './testing/render.ts';
import { chart, kubeVersion, renderChart, renderKustomization } from './testing/render.ts';

type Accepted = { check: string; object?: RegExp; in?: RegExp; because: string };

/** Accepted findings of severity critical. An unused entry fails a test. */
const accepted: readonly Accepted[] = [
  {
    check: 'container-image-pull-policy',
    because:
      'Image tags are versions; `Always` would keep pods from starting while the registry is unreachable.',
  },
  {
    check: 'container-ephemeral-storage-request-and-limit',
    because:
      'Roots are read-only, every emptyDir has a size limit (tested below), and the kubelet bounds logs.',
  },
  {
    check: 'container-security-context-user-group-id',
    object: /^StatefulSet .*-(kafka|postgres)$/,
    because: 'The images require their users 1000 and 999.',
  },
  {
    check: 'statefulset-has-servicename',
    object: /^StatefulSet .*-(kafka|postgres)$/,
    because: 'A single pod that no client addresses by pod name, so the Service needs no headless form.',
  },
  {
    check: 'pod-probes-identical',
    object: /^StatefulSet .*-kafka$|^Deployment .*-turn$/,
    because:
      'One port; the kernel accepts connections even under load, so only a hung process fails the probe repeatedly.',
  },
  {
    check: 'networkpolicy-targets-pod',
    object: /^NetworkPolicy .*-cameras$/,
    because: 'The operator creates the pods that it selects.',
  },
  {
    check: 'pod-networkpolicy',
    in: /^(k8s\/overlays\/(dev|skaffold)|values\.yaml|ci\/ephemeral-values\.yaml)$/,
    because: 'Optional, because not every cluster enforces them; enabled in prod and tested there.',
  },
  {
    check: 'pod-networkpolicy',
    object: /^Pod .*-test$/,
    because: 'The `helm test` pod connects like a viewer, which the other policies allow, and then exits.',
  },
];

type Finding = { in: string; object: string; check: string; text: string };
type Score = {
  type_meta: { kind: string };
  object_meta: { name: string };
  checks: {
    check: { id: string };
    grade: number;
    skipped: boolean;
    comments: { path: string; summary: string }[] | null;
  }[];
};

const criticalGrade = 1;
const rendered = new Map<string, Manifest[]>();
const findings: Finding[] = [];
const charts = ['values.yaml', ...readdirSync(join(chart, 'ci')).map((name) => `ci/${name}`)];
const kustomizations = [
  ...['k8s/overlays/dev', 'k8s/overlays/prod', 'k8s/overlays/skaffold'],
  ...['tools/manifests/src/fixtures/guarded', 'tools/manifests/src/fixtures/options'],
];

function scoresOf(manifests: readonly Manifest[]): Score[] {
  const input = manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
  const [, major = '', minor = ''] = /^(\d+)\.(\d+)/.exec(kubeVersion) ?? [];
  const args = [
    ...['score', '--output-format', 'json', '--kubernetes-version', `v${major}.${minor}`],
    // CPU limits would throttle pods on idle nodes; requests divide the CPU of busy ones.
    '--ignore-container-cpu-limit',
    '-',
  ];
  try {
    return JSON.parse(
      execFileSync('kube-score', args, { encoding: 'utf8', input, stdio: 'pipe' }),
    ) as Score[];
  } catch (error) {
    // kube-score exits with 1 for critical findings.
    const { status, stdout } = error as { status?: number; stdout?: string };
    if (status === 1 && stdout?.startsWith('[')) return JSON.parse(stdout) as Score[];
    throw error;
  }
}

function findingsOf(place: string, manifests: readonly Manifest[]): Finding[] {
  return scoresOf(manifests).flatMap(({ type_meta, object_meta, checks }) =>
    checks
      .filter(({ grade, skipped }) => grade === criticalGrade && !skipped)
      .map(({ check, comments }) => ({
        in: place,
        object: `${type_meta.kind} ${object_meta.name}`,
        check: check.id,
        text: (comments ?? []).map(({ path, summary }) => `${path}: ${summary}`).join('; '),
      })),
  );
}

function isAccepted(finding: Finding, entry: Accepted): boolean {
  return (
    entry.check === finding.check &&
    (entry.object?.test(finding.object) ?? true) &&
    (entry.in?.test(finding.in) ?? true)
  );
}

beforeAll(() => {
  for (const path of kustomizations) rendered.set(path, renderKustomization(path));
  for (const values of charts) rendered.set(values, renderChart({ values }));
  for (const [place, manifests] of rendered) findings.push(...findingsOf(place, manifests));
}, 180_000);

describe('kube-score', () => {
  it.each([...kustomizations, ...charts])('reports only accepted critical findings in %s', (place) => {
    const critical = findings.filter((finding) => finding.in === place);
    expect(
      critical
        .filter((finding) => !accepted.some((entry) => isAccepted(finding, entry)))
        .map(({ object, check, text }) => `${object}: ${check}: ${text}`),
    ).toEqual([]);
  });

  it('has no unused accepted finding', () => {
    const idle = accepted.filter((entry) => !findings.some((finding) => isAccepted(finding, entry)));
    expect(idle).toEqual([]);
  });

  it('may accept the storage finding, because every writable volume is bounded', () => {
    const pods = [...rendered.values()].flat().flatMap((manifest) => podOf(manifest) ?? []);
    const volumes = pods.flatMap((pod) => (pod['spec'] as { volumes: { emptyDir?: object }[] }).volumes);
    const folders = volumes.flatMap(({ emptyDir }) => emptyDir ?? []);
    expect(folders.length).toBeGreaterThan(10);
    expect(folders.filter((folder) => !('sizeLimit' in folder))).toEqual([]);
  });

  it('reports a writable root', () => {
    const [pod] = (rendered.get('values.yaml') ?? []).flatMap((manifest) => podOf(manifest) ?? []);
    const [container] = (pod?.['spec'] as { containers: { securityContext: object }[] }).containers;
    Object.assign(container?.securityContext ?? {}, { readOnlyRootFilesystem: false });
    expect(findingsOf('changed', [pod as Manifest]).map(({ check }) => check)).toContain(
      'container-security-context-readonlyrootfilesystem',
    );
  });
});
