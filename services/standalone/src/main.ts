import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runService } from '@camplane/service-kit/run-service';
import type { ServiceTools } from '@camplane/service-kit/run-service';
import { announcement, passwordFile } from './announcement.ts';
import { startStandalone } from './app.ts';
import { environment } from './environment.ts';

runService({
  name: 'standalone',
  environment,
  async start(env, tools) {
    const { url, welcomeToken } = await startStandalone(env, tools);
    const text = announcement({
      url,
      welcomeToken,
      publicHost: env.CAMPLANE_PUBLIC_HOST,
      dataFolder: env.DATA_DIR,
      hasPasswordFile: env.CAMPLANE_AUTH === 'local' && existsSync(join(env.DATA_DIR, passwordFile)),
    });
    // Not awaited: the process becomes ready only after this function has returned.
    void announceWhenReady(text, tools).catch(() => undefined);
  },
});

async function announceWhenReady(text: string, { health, signal }: ServiceTools): Promise<void> {
  while (!health.readiness().ready) await delay(100, undefined, { signal });
  process.stdout.write(text);
}
