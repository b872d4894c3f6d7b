import { setTimeout as delay } from 'node:timers/promises';
import { runService } from '@camplane/service-kit/run-service';
import { startStandalone } from './app.ts';
import { environment } from './environment.ts';

runService({
  name: 'standalone',
  environment,
  async start(env, tools) {
    const { url } = await startStandalone(env, tools);
    // Not awaited: the process becomes ready only after this function has returned.
    void announceWhenReady(url, tools.signal).catch(() => undefined);
  },
});

async function announceWhenReady(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/readyz`, { signal }).catch(() => null);
    if (response?.ok === true) break;
    await delay(100, undefined, { signal });
  }
  process.stdout.write(`Camplane is ready: ${url}\n`);
}
