import type { Admin, Kafka } from 'kafkajs';
import { inTime } from './in-time.ts';

export type KafkaAdmin = {
  /** Connects if necessary, and reconnects after an error. */
  use<R>(task: (admin: Admin) => Promise<R>): Promise<R>;
  close(): Promise<void>;
};

const disconnectTimeoutMs = 500;

export function createKafkaAdmin(kafka: Kafka): KafkaAdmin {
  let connected: Promise<Admin> | undefined;

  async function connect(): Promise<Admin> {
    const admin = kafka.admin();
    try {
      await admin.connect();
    } catch (error) {
      void admin.disconnect().catch(() => undefined);
      throw error;
    }
    return admin;
  }

  return {
    async use(task) {
      connected ??= connect();
      const mine = connected;
      try {
        return await task(await mine);
      } catch (error) {
        if (connected === mine) {
          connected = undefined;
          void mine.then((admin) => admin.disconnect()).catch(() => undefined);
        }
        throw error;
      }
    },
    async close() {
      if (connected)
        await inTime(
          connected.then((admin) => admin.disconnect()),
          disconnectTimeoutMs,
        );
    },
  };
}
