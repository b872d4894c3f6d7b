import { apiOptionDetails, apiOptions } from '../call-api.ts';
import type { Command } from '../command.ts';
import { checkCameras } from '../doctor/check-cameras.ts';
import { checkDefinition, checkVersion } from '../doctor/check-cluster.ts';
import { checkLeader } from '../doctor/check-leader.ts';
import { asksForCamera, explainCamera } from '../doctor/explain-camera.ts';
import { checkComponents } from '../doctor/check-components.ts';
import type { Finding } from '../doctor/finding.ts';
import type { Output, Tone } from '../output.ts';

export const doctorCommand: Command = {
  name: 'doctor',
  usage: 'doctor [camera ID]',
  summary: 'Check the cluster, Camplane’s components and every camera, with remedies; or explain one camera',
  details: [
    '✔ ok, ✘ problem (exit code 1), ? not checked or worth checking.',
    'With a camera or an address: what it sends, what follows, and what to change.',
    '      --url URL          explain this address instead of a camera of the cluster',
    '      --login FILE       user and password for --url, a line each; - for standard input',
    '      --transport NAME   tcp or udp, for --url (default: tcp)',
    '      --mode NAME        copy, transcode or overlay (default: that of the camera, or copy)',
    '      --sound            with sound',
    ...apiOptionDetails,
  ],
  options: {
    url: { type: 'string' },
    login: { type: 'string' },
    transport: { type: 'string' },
    mode: { type: 'string' },
    sound: { type: 'boolean' },
    ...apiOptions,
  },
  positionals: { min: 0, max: 2 },
  json: true,
  run: async (context) => {
    if (asksForCamera(context)) return explainCamera(context);
    const { cluster, output, format, now, signal } = context;
    // Throws if the API server is unreachable, because no other check can run then.
    const version = await checkVersion(cluster, signal);
    const definition = await checkDefinition(cluster, signal);
    const [components, leader, cameras] = await Promise.all([
      checkComponents(cluster, signal),
      checkLeader(cluster, now(), signal),
      definition.mark === 'wrong' ? [] : checkCameras(cluster, signal),
    ]);
    const isInstalled = components.length > 1;
    const system = [
      version,
      definition,
      ...components.slice(0, 1),
      ...(isInstalled ? [leader] : []),
      ...components.slice(1),
    ];
    const findings = [...system, ...cameras];
    const problems = findings.filter(({ mark }) => mark === 'wrong').length;
    if (format === 'json') output.line(JSON.stringify({ ok: problems === 0, findings }, null, 2));
    else {
      printFindings(output, `Cluster and Camplane in namespace ${cluster.namespace}`, system);
      if (cameras.length > 0) printFindings(output, 'Cameras', cameras);
      output.line(summary(findings, problems));
    }
    return problems === 0 ? 0 : 1;
  },
};

const marks: Readonly<Record<Finding['mark'], { sign: string; tone: Tone }>> = {
  good: { sign: '✔', tone: 'good' },
  wrong: { sign: '✘', tone: 'bad' },
  unknown: { sign: '?', tone: 'doubtful' },
};

function printFindings(output: Output, title: string, findings: readonly Finding[]): void {
  output.line(output.tone('heading', title));
  const width = Math.max(...findings.map(({ about }) => about.length));
  for (const { mark, about, message, remedy } of findings) {
    const { sign, tone } = marks[mark];
    output.line(`  ${output.tone(tone, sign)} ${about.padEnd(width)}  ${message}`);
    if (remedy !== '') output.line(`    ${' '.repeat(width)}  → ${remedy}`);
  }
  output.line();
}

function summary(findings: readonly Finding[], problems: number): string {
  const unknowns = findings.filter(({ mark }) => mark === 'unknown').length;
  const others = unknowns === 0 ? '' : `, ${unknowns} not checked or worth checking`;
  if (problems === 0) return `No problems found${others}.`;
  return `${problems} ${problems === 1 ? 'problem' : 'problems'} found${others}.`;
}
