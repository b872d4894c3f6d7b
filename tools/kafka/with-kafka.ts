/** `make up KAFKA=1`: runs a Kafka broker and Camplane with it, and stops both together. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isResponding } from '../../packages/kafka-broker/src/is-responding.ts';
import { startKafkaBroker } from '../../packages/kafka-broker/src/kafka-broker.ts';
import { messageOf } from '../../packages/runtime/src/message-of.ts';

const usage = 'usage: node tools/kafka/with-kafka.ts [--port PORT] [--folder FOLDER]';
const root = fileURLToPath(new URL('../..', import.meta.url));

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const { port, folder } = readArguments();
  const end = new AbortController();
  // A signal aborts the start of the broker. Later it goes to Camplane, which stops before the broker.
  let onSignal: (signal: NodeJS.Signals) => void = () => end.abort();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, (signal) => onSignal(signal));

  if (await isResponding(port)) {
    throw new Error(
      `port ${port} is in use: stop the other program, or choose another port with KAFKA_PORT=…`,
    );
  }
  const starting = startKafkaBroker({ folder, port, controllerPort: port + 1, signal: end.signal });
  const broker = await starting.catch((error: unknown) => {
    if (end.signal.aborted) return undefined;
    throw error;
  });
  if (!broker) return 0;
  const address = `127.0.0.1:${port}`;
  process.stdout.write(`Kafka is ready: ${address}\n`);

  const camplane = spawn(process.execPath, [`${root}/.tools/bundles/standalone/main.js`], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, KAFKA_BROKERS: address },
    // In its own process group, so that it receives Ctrl-C only once, from this program.
    detached: true,
  });
  onSignal = (signal) => camplane.kill(signal);
  let brokerEnded = false;
  void broker.ended.then((ending) => {
    if (end.signal.aborted) return;
    brokerEnded = true;
    process.stderr.write(`Kafka exited, stopping Camplane: ${ending.stderrTail.slice(-5).join('\n')}\n`);
    camplane.kill('SIGTERM');
  });
  const [code] = (await once(camplane, 'exit')) as [number | null];
  end.abort();
  await broker.ended;
  return brokerEnded ? 1 : (code ?? 1);
}

function readArguments(): { port: number; folder: string } {
  const { values } = parseArgs({ options: { port: { type: 'string' }, folder: { type: 'string' } } });
  const port = Number(values.port ?? '9092');
  if (!Number.isInteger(port) || port < 1 || port > 65_534) {
    throw new Error(`--port must be an integer from 1 to 65534, not ${values.port}\n${usage}`);
  }
  return { port, folder: values.folder ?? `${root}/data/kafka` };
}
