import type { ControlApiConfig, Limits } from '../config.ts';
import { version } from '../version.ts';
import type { Handlers } from './api-router.ts';
import { openApiDocument } from './openapi.ts';

/** Version, limits and OpenAPI document. */
export function infoHandlers(
  { maxCameras, oidc }: Pick<ControlApiConfig, 'maxCameras' | 'oidc'>,
  limits: Limits,
): Pick<Handlers, 'readInfo' | 'readOpenApi'> {
  const info = {
    name: 'camplane',
    version,
    signIn: { oidc: oidc ? { name: oidc.name } : null },
    limits: {
      maxCameras,
      bodyMaxBytes: limits.bodyMaxBytes,
      snapshotMaxBytes: limits.snapshotMaxBytes,
      writesPerMinute: limits.writesPerMinute,
      probesPerMinute: limits.probesPerMinute,
      eventClientsMax: limits.eventClientsMax,
      eventMessageMaxBytes: limits.eventMessageMaxBytes,
    },
  };
  let document: Record<string, unknown> | undefined;
  return {
    // The version would help to choose an attack.
    readInfo: async ({ principal }) => ({
      answer: principal.kind === 'anonymous' ? { ...info, version: null } : info,
    }),
    readOpenApi: async () => ({ answer: (document ??= openApiDocument()) }),
  };
}
