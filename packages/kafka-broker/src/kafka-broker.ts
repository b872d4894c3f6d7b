import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startChild } from '@camplane/supervisor/child-process';
import type { Child, ChildEnding } from '@camplane/supervisor/child-process';
import { brokerLogging, brokerProperties } from './broker-settings.ts';
import { isResponding } from './is-responding.ts';

export type KafkaBrokerOptions = {
  /** For configuration and data; created if missing. */
  folder: string;
  port: number;
  controllerPort: number;
  /** Override Camplane's Kafka settings. */
  settings?: Readonly<Record<string, string>>;
  /** Passwords of users with SCRAM-SHA-256 and SCRAM-SHA-512, by user name. Created with the data folder. */
  scramUsers?: Readonly<Record<string, string>>;
  /** On abort the broker gets SIGTERM, and SIGKILL after 10 s. */
  signal: AbortSignal;
  heapMaxMb?: number;
  readyTimeoutMs?: number;
  /** Folder of the jars; by default where `tools/setup.sh` links them. */
  libsFolder?: string;
};

export type KafkaBroker = { pid: number; ended: Promise<ChildEnding> };

const defaultLibsFolder = fileURLToPath(new URL('../../../.tools/kafka/libs', import.meta.url));
const killAfterMs = 10_000;
/** Fixed, so that a folder can be reused. */
const clusterId = 'Y2FtcGxhbmUta2Fma2EtMQ';

/**
 * Starts a broker and waits until it responds.
 *
 * @throws if Kafka is not installed, the broker exits, or it is not ready in time
 */
export async function startKafkaBroker(options: KafkaBrokerOptions): Promise<KafkaBroker> {
  const { folder, port, controllerPort, signal, heapMaxMb = 512, readyTimeoutMs = 60_000 } = options;
  const { libsFolder = defaultLibsFolder, settings = {}, scramUsers = {} } = options;
  if (!existsSync(libsFolder)) {
    throw new Error(
      `Kafka is not installed at ${libsFolder}: run 'make setup-test', or 'make setup KAFKA=1'`,
    );
  }
  const dataFolder = join(folder, 'data');
  const properties = join(folder, 'server.properties');
  const logging = join(folder, 'log4j2.xml');
  await mkdir(folder, { recursive: true });
  await writeFile(properties, brokerProperties({ dataFolder, port, controllerPort, settings }));
  await writeFile(logging, brokerLogging);
  const java = (name: string, args: string[], heapMb: number) =>
    startChild({
      name,
      command: 'java',
      args: [
        `-Xmx${heapMb}m`,
        // Faster to start and smaller than the default on machines with few cores.
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        `-Dlog4j2.configurationFile=file:${logging}`,
        '-cp',
        `${libsFolder}/*`,
        ...args,
      ],
      signal,
      killAfterMs,
    });

  if (!existsSync(join(dataFolder, 'meta.properties'))) {
    const args = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties];
    for (const [name, password] of Object.entries(scramUsers)) {
      for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512'])
        args.push('--add-scram', `${mechanism}=[name=${name},password=${password}]`);
    }
    const ending = await java('kafka-format', args, 128).ended;
    if (ending.kind !== 'exited' || ending.code !== 0)
      throw new Error(describeFailure('format its data folder', ending));
  }
  const broker = java('kafka', ['kafka.Kafka', properties], heapMaxMb);
  await untilReady(broker, port, readyTimeoutMs);
  return { pid: broker.pid as number, ended: broker.ended };
}

async function untilReady(broker: Child, port: number, timeoutMs: number): Promise<void> {
  let ending: ChildEnding | undefined;
  void broker.ended.then((value) => (ending = value));
  const deadline = performance.now() + timeoutMs;
  while (!(await isResponding(port))) {
    if (ending) throw new Error(describeFailure('start', ending));
    if (performance.now() > deadline) throw new Error(`Kafka did not respond within ${timeoutMs} ms`);
    await delay(50);
  }
  // Another program may respond at this port while the broker exits because it is taken.
  await delay(0);
  if (ending) throw new Error(describeFailure('start', ending));
}

function describeFailure(what: string, ending: ChildEnding): string {
  if (ending.kind === 'spawn-failed') {
    return `Kafka could not ${what}: java is not installed (Debian: apt-get install openjdk-17-jre-headless)`;
  }
  const how = ending.kind === 'exited' ? `exit code ${ending.code}` : ending.kind;
  return `Kafka could not ${what} (${how}): ${ending.stderrTail.slice(-15).join('\n')}`;
}
