import { startKafkaBroker } from '@camplane/kafka-broker/kafka-broker';
import { freePorts } from './free-port.ts';
import { pauseProcess } from './processes.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

export type TestKafka = {
  /** As `['127.0.0.1:PORT']`. */
  readonly brokers: string[];
  readonly port: number;
  readonly pid: number;
  /** Its data, with the messages of every topic. */
  readonly folder: string;
  /** SIGKILL, awaited. */
  kill(): Promise<void>;
  /** Restarts it after `kill`, with the same data and port. */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay open without responses. */
  pause(): Promise<void>;
  resume(): void;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
};

export type TestKafkaOptions = {
  /** Stops the broker on abort. */
  signal?: AbortSignal;
  port?: number;
  /** Override the default Kafka settings. */
  settings?: Readonly<Record<string, string>>;
  /** See `KafkaBrokerOptions`. */
  scramUsers?: Readonly<Record<string, string>>;
};

/** Starts a Kafka broker on loopback with its data in a temporary folder. */
export async function startKafka(options: TestKafkaOptions = {}): Promise<TestKafka> {
  const [freePort, controllerPort] = await freePorts(2);
  const { port = freePort ?? 0, settings = {}, scramUsers = {} } = options;
  const folder = await createTemporaryFolder();
  const end = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, end.signal]) : end.signal;
  const run = () =>
    startKafkaBroker({
      ...{ folder: folder.path, port, controllerPort: controllerPort ?? 0 },
      ...{ settings, scramUsers, signal },
    });

  let running: Awaited<ReturnType<typeof run>> | undefined;
  const pid = () => {
    if (!running) throw new Error('the broker is not running');
    return running.pid;
  };
  const start = async () => {
    try {
      running = await run();
    } catch (error) {
      end.abort();
      await folder.remove();
      throw error;
    }
  };
  await start();

  return {
    brokers: [`127.0.0.1:${port}`],
    port,
    folder: folder.path,
    get pid() {
      return pid();
    },
    async kill() {
      process.kill(pid(), 'SIGKILL');
      await running?.ended;
      running = undefined;
    },
    restart: start,
    pause: () => pauseProcess(pid()),
    resume: () => void process.kill(pid(), 'SIGCONT'),
    async stop() {
      end.abort();
      await running?.ended;
      await folder.remove();
    },
  };
}
