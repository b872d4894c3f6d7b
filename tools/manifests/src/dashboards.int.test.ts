import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root, run } from './testing/render.ts';

type Panel = { title: string; targets?: { expr: string }[]; panels?: Panel[] };
type Dashboard = { panels: Panel[] };

const folder = join(root, 'k8s/components/monitoring/objects/dashboards');

/** Expressions of a dashboard with Grafana's variables substituted. */
function expressionsOf(file: string): string[] {
  const { panels } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Dashboard;
  return panels
    .flatMap((panel) => [panel, ...(panel.panels ?? [])])
    .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    .map((expr) => expr.replaceAll(/\$__\w+/g, '5m').replaceAll(/\$\{?\w+\}?/g, 'x'));
}

const evaluate = (expressions: string[]) =>
  run('promql', [], JSON.stringify(expressions.map((expr) => ({ expr, series: {}, minutes: 1 }))));

describe('the dashboards', () => {
  it.each(readdirSync(folder))('%s has only valid PromQL expressions', (file) => {
    const expressions = expressionsOf(file);
    expect(expressions.length).toBeGreaterThan(5);
    expect(JSON.parse(evaluate(expressions))).toHaveLength(expressions.length);
  });

  it('fail the test on an invalid expression', () => {
    expect(() => evaluate(['sum by (camera) (rate(camplane_frames_total))'])).toThrow(
      /expected type range vector/,
    );
  });
});
