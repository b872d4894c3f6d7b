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
import { streamCommand } from './commands/stream.ts';
import { userCommand } from './commands/user.ts';
import { connect } from './connect.ts';
import type { Cluster } from './connect.ts';
import { explainError } from './explain-error.ts';
import { createOutput } from './output.ts';
import { CommandError, UsageError } from './command-errors.ts';

const commands: readonly Command[] = [
  listCommand,
  describeCommand,
  snapshotCommand,
  eventsCommand,
  logsCommand,
  doctorCommand,
  streamCommand,
  userCommand,
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
  env: Readonly<Record<string, string | undefined>>;
};

/** Runs one command line. Resolves to the exit code: 0, 1 for a failure, 2 for a wrong command line. */
export async function runCommandLine(args: readonly string[], streams: Streams): Promise<number> {
  const writeError = (text: string): void => void streams.stderr.write(`${text}\n`);
  try {
    return await run(args, streams, writeError);
  } catch (error) {
    if (error instanceof UsageError) {
      writeError(`camplane: ${error.message}`);
      return 2;
    }
    if (error instanceof CommandError) {
      writeError(`camplane: ${error.message}`);
      return 1;
    }
    throw error;
  }
}

async function run(
  args: readonly string[],
  streams: Streams,
  writeError: (text: string) => void,
): Promise<number> {
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
  const { min, max } = command.positionals;
  if (positionals.length < min || positionals.length > max) {
    const problem =
      positionals.length < min ? 'missing argument' : `unexpected argument '${positionals[max]}'`;
    throw new UsageError(`${problem}, usage: camplane ${command.usage}`);
  }
  const format = command.json ? formatOf(values['output']) : 'text';
  // Connected when it is first used: doctor explains cameras without a cluster too.
  let connected: Cluster | undefined;
  try {
    return await command.run({
      get cluster() {
        return (connected ??= connect({
          namespace: textOf(values['namespace']),
          kubeconfig: textOf(values['kubeconfig']),
          context: textOf(values['context']),
        }));
      },
      options: values,
      positionals,
      output: createOutput(streams.stdout),
      note: writeError,
      format,
      now: streams.now,
      signal: streams.signal,
      env: streams.env,
    });
  } catch (error) {
    if (error instanceof UsageError || error instanceof CommandError) throw error;
    if (streams.signal.aborted) return 130;
    if (!connected) throw error;
    const { what, remedy } = explainError(error, connected);
    writeError(`camplane: ${what}`);
    if (remedy !== '') writeError(`  ${remedy}`);
    return 1;
  } finally {
    connected?.close();
  }
}

/** Common options may precede the command: `camplane -n yard list`. */
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
    if (unknown !== undefined) throw new UsageError(`unknown option '${unknown}', see camplane --help`);
    return { command: undefined, rest };
  }
  const command = commands.find((known) => known.name === name);
  if (command) return { command, rest };
  const near = nearestName(
    name,
    commands.map((known) => known.name),
  );
  throw new UsageError(
    `unknown command '${name}'${near === undefined ? ', see camplane --help' : `, did you mean '${near}'?`}`,
  );
}

function parse(command: Command, args: string[]) {
  // For snapshot, --output is a file.
  const options: ParseArgsOptionsConfig = { ...commonOptions, ...command.options };
  try {
    const parsed = parseArgs({ args, options, allowPositionals: true, strict: true });
    return {
      values: parsed.values as Record<string, string | boolean | undefined>,
      positionals: parsed.positionals,
    };
  } catch (cause) {
    const reason = messageOf(cause).split('. To specify', 1)[0] ?? '';
    throw new UsageError(`${reason}, see camplane ${command.name} --help`, { cause });
  }
}

function formatOf(value: string | boolean | undefined): 'text' | 'json' {
  if (value === undefined || value === 'text') return 'text';
  if (value === 'json') return 'json';
  throw new UsageError(`unknown --output '${String(value)}', use text or json`);
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

const commonHelp = [
  '  -n, --namespace NAME   namespace of the cameras (default: the context’s namespace)',
  '      --kubeconfig FILE  kubeconfig file (default: KUBECONFIG or ~/.kube/config)',
  '      --context NAME     context of the kubeconfig (default: the current one)',
  '  -h, --help             show help, like camplane help COMMAND',
];

function generalHelp(): string {
  const width = Math.max(...commands.map(({ usage }) => usage.length));
  return [
    'camplane shows the cameras of a cluster or of one machine, starts and stops them, and resets passwords.',
    '',
    'Usage: camplane COMMAND [options]   (as a plugin: kubectl camplane COMMAND)',
    '',
    ...commands.map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`),
    '',
    'Common options:',
    ...commonHelp,
    '',
    'All commands but stream start, stream stop and user are read-only. Exit code: 0 success, 1 failure or',
    'problems found by doctor or stream health, 2 wrong command line.',
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
    ...(command.json ? ['  -o, --output json      print JSON'] : []),
    ...commonHelp,
    '',
  ].join('\n');
}
