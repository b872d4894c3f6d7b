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
    void announceWhenReady(url, env.CAMPLANE_PUBLIC_HOST, tools.signal).catch(() => undefined);
  },
});

async function announceWhenReady(url: string, publicHost: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/readyz`, { signal }).catch(() => null);
    if (response?.ok === true) break;
    await delay(100, undefined, { signal });
  }
  // A browser cannot open 0.0.0.0, the listen address in a container.
  process.stdout.write(`Camplane is ready: ${url.replace('//0.0.0.0:', `//${publicHost}:`)}\n`);
}
