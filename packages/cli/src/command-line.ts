import type { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { messageOf } from '@camplane/runtime/message-of';
import { nearestName } from '@camplane/service-kit/nearest-name';
import type { Command } from './command.ts';
import { describeCommand } from './commands/describe.ts';
import { doctorCommand } from './commands/doctor.ts';
import { eventsCommand } from './commands/events.ts';
import { listCommand } from './commands/list.ts';
import { logsCommand } from './commands/logs.ts';
import { snapshotCommand } from './commands/snapshot.ts';
import { connect } from './connect.ts';
import { explainError } from './explain-error.ts';
import { createOutput } from './output.ts';
import { CommandError, UsageError } from './usage-error.ts';

const commands: readonly Command[] = [
  listCommand,
  describeCommand,
  snapshotCommand,
  eventsCommand,
  logsCommand,
  doctorCommand,
];

const commonOptions = {
  namespace: { type: 'string', short: 'n' },
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
  output: { type: 'string', short: 'o' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig;

export type Streams = {
  stdout: Writable & { isTTY?: boolean };
  stderr: Writable;
  now(): number;
  signal: AbortSignal;
};

/** Runs one command line. Resolves to the exit code: 0, 1 for a failure, 2 for a command line that is wrong. */
export async function runCommandLine(args: readonly string[], streams: Streams): Promise<number> {
  const say = (text: string): void => void streams.stderr.write(`${text}\n`);
  try {
    return await run(args, streams, say);
  } catch (error) {
    if (error instanceof UsageError) {
      say(`camplane: ${error.message}`);
      return 2;
    }
    if (error instanceof CommandError) {
      say(`camplane: ${error.message}`);
      return 1;
    }
    throw error;
  }
}

async function run(args: readonly string[], streams: Streams, say: (text: string) => void): Promise<number> {
  const { command, rest } = commandOf(args);
  if (!command) {
    streams.stdout.write(generalHelp());
    return 0;
  }
  const { values, positionals } = parse(command, rest);
  if (values['help'] === true) {
    streams.stdout.write(helpOf(command));
    return 0;
  }
  const { min, max } = command.words;
  if (positionals.length < min || positionals.length > max) {
    const wrong =
      positionals.length < min ? 'something is missing' : `'${positionals[max]}' is one word too many`;
    throw new UsageError(`${wrong}: camplane ${command.usage}`);
  }
  const format = command.json ? formatOf(values['output']) : 'text';
  const cluster = connect({
    namespace: textOf(values['namespace']),
    kubeconfig: textOf(values['kubeconfig']),
    context: textOf(values['context']),
  });
  try {
    return await command.run({
      cluster,
      options: values,
      words: positionals,
      output: createOutput(streams.stdout),
      aside: say,
      format,
      now: streams.now,
      signal: streams.signal,
    });
  } catch (error) {
    if (error instanceof UsageError || error instanceof CommandError) throw error;
    if (streams.signal.aborted) return 130;
    const { what, remedy } = explainError(error, cluster);
    say(`camplane: ${what}`);
    if (remedy !== '') say(`  ${remedy}`);
    return 1;
  } finally {
    cluster.close();
  }
}

/** The command may stand after options that all commands have: `camplane -n yard list`. */
function commandOf(args: readonly string[]): { command: Command | undefined; rest: string[] } {
  const takesValue = ['-n', '-o', '--namespace', '--kubeconfig', '--context', '--output'];
  let at = 0;
  while (args[at]?.startsWith('-')) at += takesValue.includes(args[at] ?? '') ? 2 : 1;
  const name = args[at];
  const rest = args.filter((_, index) => index !== at);
  if (name === 'help') {
    const about = commands.find((command) => command.name === args[at + 1]);
    return about ? { command: about, rest: ['--help'] } : { command: undefined, rest };
  }
  if (name === undefined) {
    const unknown = args.find(
      (word) => word.startsWith('-') && !['-h', '--help', ...takesValue].includes(word),
    );
    if (unknown !== undefined) throw new UsageError(`'${unknown}' is no option: camplane --help lists them`);
    return { command: undefined, rest };
  }
  const command = commands.find((known) => known.name === name);
  if (command) return { command, rest };
  const near = nearestName(
    name,
    commands.map((known) => known.name),
  );
  throw new UsageError(
    `there is no command '${name}': ${near === undefined ? 'camplane --help lists them' : `did you mean '${near}'?`}`,
  );
}

function parse(command: Command, args: string[]) {
  // A picture's --output is a file.
  const options: ParseArgsOptionsConfig = { ...commonOptions, ...command.options };
  try {
    const parsed = parseArgs({ args, options, allowPositionals: true, strict: true });
    return {
      values: parsed.values as Record<string, string | boolean | undefined>,
      positionals: parsed.positionals,
    };
  } catch (cause) {
    const reason = messageOf(cause).split('. To specify', 1)[0] ?? '';
    throw new UsageError(`${reason}: camplane ${command.name} --help lists the options`, { cause });
  }
}

function formatOf(value: string | boolean | undefined): 'text' | 'json' {
  if (value === undefined || value === 'text') return 'text';
  if (value === 'json') return 'json';
  throw new UsageError(`--output ${String(value)} is not known: json, or text, which is the default`);
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

const commonHelp = [
  '  -n, --namespace NAME   namespace of the cameras; by default the context’s own',
  '      --kubeconfig FILE  by default KUBECONFIG, or ~/.kube/config',
  '      --context NAME     context of the kubeconfig; by default the current one',
  '  -h, --help             help; also camplane help COMMAND',
];

function generalHelp(): string {
  const width = Math.max(...commands.map(({ usage }) => usage.length));
  return [
    'camplane: the cameras of a cluster',
    '',
    'Usage: camplane COMMAND [options]   (installed as kubectl-camplane: kubectl camplane COMMAND)',
    '',
    ...commands.map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`),
    '',
    'Options of every command:',
    ...commonHelp,
    '',
    'It reads with your own rights and changes nothing. Exit code: 0; 1 if it failed or doctor found',
    'something wrong; 2 if the command line is wrong.',
    '',
  ].join('\n');
}

function helpOf(command: Command): string {
  return [
    `Usage: camplane ${command.usage} [options]`,
    '',
    `${command.summary}.`,
    ...command.details.filter((line) => !line.startsWith('  ')),
    '',
    'Options:',
    ...command.details.filter((line) => line.startsWith('  ')),
    ...(command.json ? ['  -o, --output json      for programs'] : []),
    ...commonHelp,
    '',
  ].join('\n');
}
