import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { podOf } from './testing/dry-run.ts';
import type { Manifest } from './testing/render.ts';
import { chart, kubeVersion, renderChart, renderKustomization } from './testing/render.ts';

type Accepted = { check: string; object?: RegExp; in?: RegExp; because: string };

/** What kube-score calls critical, and is as it should be. An entry that nothing needs fails a test. */
const accepted: readonly Accepted[] = [
  {
    check: 'container-image-pull-policy',
    because:
      'Images are named by their version; an `Always` would keep pods from starting while the registry is away.',
  },
  {
    check: 'container-ephemeral-storage-request-and-limit',
    because:
      'Roots are read-only and every emptyDir has a limit of its own (tried below); the kubelet bounds logs.',
  },
  {
    check: 'container-security-context-user-group-id',
    object: /^StatefulSet .*-(kafka|postgres)$/,
    because: 'The users whom these images are made for: 1000 and 999.',
  },
  {
    check: 'statefulset-has-servicename',
    object: /^StatefulSet .*-(kafka|postgres)$/,
    because:
      'One pod each, and nobody asks for it by its own name: a Service with an address serves as well.',
  },
  {
    check: 'pod-probes-identical',
    object: /^StatefulSet .*-kafka$|^Deployment .*-turn$/,
    because:
      'One port, and its kernel takes connections also under load: only a hung process fails, many times in a row.',
  },
  {
    check: 'networkpolicy-targets-pod',
    object: /^NetworkPolicy .*-cameras$/,
    because: 'The operator makes the pods that it is for.',
  },
  {
    check: 'pod-networkpolicy',
    in: /^(k8s\/overlays\/(dev|skaffold)|values\.yaml|ci\/ephemeral-values\.yaml)$/,
    because: 'An option, since not every cluster enforces them; on in prod, and tried there.',
  },
  {
    check: 'pod-networkpolicy',
    object: /^Pod .*-test$/,
    because:
      '`helm test` comes as a viewer does, whom the policies of others let in; it is gone when it has asked.',
  },
];

type Finding = { in: string; object: string; check: string; words: string };
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
    // A pod that may use a processor nobody else wants is done sooner; requests share it out where it is scarce.
    '--ignore-container-cpu-limit',
    '-',
  ];
  try {
    return JSON.parse(
      execFileSync('kube-score', args, { encoding: 'utf8', input, stdio: 'pipe' }),
    ) as Score[];
  } catch (error) {
    // It ends with 1 where it finds something critical.
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
        words: (comments ?? []).map(({ path, summary }) => `${path}: ${summary}`).join('; '),
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
  it.each([...kustomizations, ...charts])(
    'finds nothing critical in %s that is not accepted by name',
    (place) => {
      const critical = findings.filter((finding) => finding.in === place);
      expect(
        critical
          .filter((finding) => !accepted.some((entry) => isAccepted(finding, entry)))
          .map(({ object, check, words }) => `${object}: ${check}: ${words}`),
      ).toEqual([]);
    },
  );

  it('has nothing accepted that it does not find', () => {
    const idle = accepted.filter((entry) => !findings.some((finding) => isAccepted(finding, entry)));
    expect(idle).toEqual([]);
  });

  it('is right that what pods write is bounded', () => {
    const pods = [...rendered.values()].flat().flatMap((manifest) => podOf(manifest) ?? []);
    const volumes = pods.flatMap((pod) => (pod['spec'] as { volumes: { emptyDir?: object }[] }).volumes);
    const folders = volumes.flatMap(({ emptyDir }) => emptyDir ?? []);
    expect(folders.length).toBeGreaterThan(10);
    expect(folders.filter((folder) => !('sizeLimit' in folder))).toEqual([]);
  });

  it('finds a root that can be written to', () => {
    const [pod] = (rendered.get('values.yaml') ?? []).flatMap((manifest) => podOf(manifest) ?? []);
    const [container] = (pod?.['spec'] as { containers: { securityContext: object }[] }).containers;
    Object.assign(container?.securityContext ?? {}, { readOnlyRootFilesystem: false });
    expect(findingsOf('changed', [pod as Manifest]).map(({ check }) => check)).toContain(
      'container-security-context-readonlyrootfilesystem',
    );
  });
});
