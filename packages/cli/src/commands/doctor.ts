import type { Command } from '../command.ts';
import { checkCameras } from '../doctor/check-cameras.ts';
import { checkDefinition, checkVersion } from '../doctor/check-cluster.ts';
import { checkLeader } from '../doctor/check-leader.ts';
import { checkParts } from '../doctor/check-parts.ts';
import type { Finding } from '../doctor/finding.ts';
import type { Output, Tone } from '../output.ts';

export const doctorCommand: Command = {
  name: 'doctor',
  usage: 'doctor',
  summary: 'Looks at the cluster, Camplane’s parts and every camera, and says what to do',
  details: ['✔ is well, ✘ is wrong (exit code 1), ? could not be seen or is worth a look.'],
  options: {},
  words: { min: 0, max: 0 },
  json: true,
  run: async ({ cluster, output, format, now, signal }) => {
    // Where the API server does not answer, nothing else can be asked: that is told as every command tells it.
    const version = await checkVersion(cluster, signal);
    const definition = await checkDefinition(cluster, signal);
    const [parts, leader, cameras] = await Promise.all([
      checkParts(cluster, signal),
      checkLeader(cluster, now(), signal),
      definition.mark === 'wrong' ? [] : checkCameras(cluster, signal),
    ]);
    const isInstalled = parts.length > 1;
    const system = [
      version,
      definition,
      ...parts.slice(0, 1),
      ...(isInstalled ? [leader] : []),
      ...parts.slice(1),
    ];
    const findings = [...system, ...cameras];
    const wrongs = findings.filter(({ mark }) => mark === 'wrong').length;
    if (format === 'json') output.line(JSON.stringify({ ok: wrongs === 0, findings }, null, 2));
    else {
      tell(output, `Cluster and Camplane in namespace ${cluster.namespace}`, system);
      if (cameras.length > 0) tell(output, 'Cameras', cameras);
      output.line(summary(findings, wrongs));
    }
    return wrongs === 0 ? 0 : 1;
  },
};

const marks: Readonly<Record<Finding['mark'], { sign: string; tone: Tone }>> = {
  good: { sign: '✔', tone: 'good' },
  wrong: { sign: '✘', tone: 'bad' },
  unknown: { sign: '?', tone: 'doubtful' },
};

function tell(output: Output, title: string, findings: readonly Finding[]): void {
  output.line(output.tone('heading', title));
  const width = Math.max(...findings.map(({ about }) => about.length));
  for (const { mark, about, says, remedy } of findings) {
    const { sign, tone } = marks[mark];
    output.line(`  ${output.tone(tone, sign)} ${about.padEnd(width)}  ${says}`);
    if (remedy !== '') output.line(`    ${' '.repeat(width)}  → ${remedy}`);
  }
  output.line();
}

function summary(findings: readonly Finding[], wrongs: number): string {
  const unknowns = findings.filter(({ mark }) => mark === 'unknown').length;
  const doubts = unknowns === 0 ? '' : `; ${unknowns} worth a look or not to be seen`;
  if (wrongs === 0) return `Nothing is wrong${doubts}.`;
  return `${wrongs} ${wrongs === 1 ? 'thing is' : 'things are'} wrong${doubts}.`;
}
