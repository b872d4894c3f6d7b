import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

export const root = join(import.meta.dirname, '../../../..');
export const chart = join(root, 'charts/camplane');

export type Manifest = {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [key: string]: unknown;
};

/** This build of Helm assumes Kubernetes 1.20 if it does not query a cluster. */
export const kubeVersion = '1.34.3';
const outputMaxBytes = 32 * 1024 * 1024;

export function renderKustomization(path: string): Manifest[] {
  return manifestsOf(run('kubectl', ['kustomize', join(root, path)]));
}

/** Objects of the chart, including its test. */
export function renderChart(
  options: { values?: string; set?: readonly string[]; release?: string } = {},
): Manifest[] {
  const { values, set = [], release = 'camplane' } = options;
  return manifestsOf(
    helm([
      ...['template', release, chart, '--namespace', 'camplane', '--kube-version', kubeVersion],
      ...(values === undefined ? [] : ['--values', join(chart, values)]),
      ...set.flatMap((assignment) => ['--set', assignment]),
    ]),
  );
}

/** Standard output of helm. @throws with its output if it fails */
export function helm(args: string[]): string {
  return run('helm', args);
}

/** Standard output of a program. @throws with its output if it fails */
export function run(command: string, args: string[], input = ''): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', input, maxBuffer: outputMaxBytes, stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')}: ${stderr ?? ''}${stdout ?? ''}`, { cause: error });
  }
}

/** Parses YAML 1.1 like kubectl: an unquoted `yes` is a boolean. */
export function manifestsOf(text: string): Manifest[] {
  return parseAllDocuments(text, { version: '1.1' }).flatMap((document) => {
    if (document.errors.length > 0) throw new Error(document.errors.map(String).join('\n'));
    const manifest = document.toJS() as Manifest | null;
    return manifest === null ? [] : [manifest];
  });
}

export function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`;
}
