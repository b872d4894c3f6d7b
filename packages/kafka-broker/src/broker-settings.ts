export type BrokerSettings = {
  dataFolder: string;
  /** For clients, on loopback. */
  port: number;
  /** For the broker's controller, on loopback. */
  controllerPort: number;
  /** Override the settings below. */
  settings: Readonly<Record<string, string>>;
};

/** The `server.properties` of a single broker that is its own controller (Kafka documentation, "KRaft"). */
export function brokerProperties(broker: BrokerSettings): string {
  const { dataFolder, port, controllerPort } = broker;
  const settings: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': dataFolder,
    // Publishers and subscribers create topics, with their settings.
    'auto.create.topics.enable': false,
    'num.partitions': 6,
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    // Each partition keeps a file open; the default of 50 is for clusters.
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // Kafka deletes whole segments: smaller ones follow a short retention more closely.
    'log.segment.bytes': 64 * 1024 * 1024,
    'log.retention.check.interval.ms': 30_000,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    ...broker.settings,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Log4j 2: warnings and errors to standard error. */
export const brokerLogging = `<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="ERROR">
  <Appenders>
    <Console name="stderr" target="SYSTEM_ERR"><PatternLayout pattern="%p %c{1}: %m%n%throwable{3}"/></Console>
  </Appenders>
  <Loggers>
    <Root level="WARN"><AppenderRef ref="stderr"/></Root>
  </Loggers>
</Configuration>
`;
