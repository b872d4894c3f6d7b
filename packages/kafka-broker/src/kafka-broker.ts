import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startChild } from '@camplane/supervisor/child-process';
import type { Child, ChildEnding } from '@camplane/supervisor/child-process';
import { answers } from './answers.ts';
import { brokerLogging, brokerProperties } from './broker-settings.ts';

export type KafkaBrokerOptions = {
  /** Configuration and data; made where it is missing, kept where it is not. */
  folder: string;
  port: number;
  controllerPort: number;
  /** Settings of Kafka's that take the place of Camplane's. */
  settings?: Readonly<Record<string, string>>;
  /** Abort: SIGTERM, and SIGKILL after 10 s. */
  signal: AbortSignal;
  heapMaxMb?: number;
  readyTimeoutMs?: number;
  /** Where the jars are, if not where `tools/setup.sh` links them. */
  libsFolder?: string;
};

export type KafkaBroker = { pid: number; ended: Promise<ChildEnding> };

const defaultLibsFolder = fileURLToPath(new URL('../../../.tools/kafka/libs', import.meta.url));
const killAfterMs = 10_000;
/** One broker alone: any id will do, and a fixed one lets a folder be used again. */
const clusterId = 'Y2FtcGxhbmUta2Fma2EtMQ';

/**
 * Starts a broker and waits until it answers.
 *
 * @throws where it is not installed, ends at its start or is not ready in time
 */
export async function startKafkaBroker(options: KafkaBrokerOptions): Promise<KafkaBroker> {
  const { folder, port, controllerPort, signal, heapMaxMb = 512, readyTimeoutMs = 60_000 } = options;
  const { libsFolder = defaultLibsFolder, settings = {} } = options;
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
        // Quicker to start and smaller than the default, on machines of few cores.
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
    const ending = await java('kafka-format', args, 128).ended;
    if (ending.kind !== 'exited' || ending.code !== 0) throw new Error(describe('format its folder', ending));
  }
  const broker = java('kafka', ['kafka.Kafka', properties], heapMaxMb);
  await untilReady(broker, port, readyTimeoutMs);
  return { pid: broker.pid as number, ended: broker.ended };
}

async function untilReady(broker: Child, port: number, timeoutMs: number): Promise<void> {
  let ending: ChildEnding | undefined;
  void broker.ended.then((value) => (ending = value));
  const deadline = performance.now() + timeoutMs;
  while (!(await answers(port))) {
    if (ending) throw new Error(describe('start', ending));
    if (performance.now() > deadline) throw new Error(`Kafka did not answer within ${timeoutMs} ms`);
    await delay(50);
  }
  // Something else may answer at this port while the broker ends for want of it.
  await delay(0);
  if (ending) throw new Error(describe('start', ending));
}

function describe(what: string, ending: ChildEnding): string {
  if (ending.kind === 'spawn-failed') {
    return `Kafka could not ${what}: java was not found (Debian: apt-get install openjdk-17-jre-headless)`;
  }
  const how = ending.kind === 'exited' ? `exit code ${ending.code}` : ending.kind;
  return `Kafka could not ${what} (${how}): ${ending.stderrTail.slice(-15).join('\n')}`;
}
