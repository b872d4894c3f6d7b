import { isLoopback } from '@camplane/runtime/loopback';

type WarnLog = { warn(fields: object, message: string): void };

/** Warns if passwords and tokens of the API and the dashboard cross a network in plain text. */
export function warnIfPlainText(
  env: { HTTP_HOST: string; TLS_CERT_FILE: string | undefined },
  log: WarnLog,
): void {
  if (env.TLS_CERT_FILE !== undefined || isLoopback(env.HTTP_HOST)) return;
  log.warn(
    { listeners: [`HTTP_HOST=${env.HTTP_HOST}`] },
    'listening beyond loopback without TLS: passwords and tokens can be read on the network; ' +
      'set TLS_CERT_FILE and TLS_KEY_FILE (chart: tls.secretName), or terminate TLS in front',
  );
}
