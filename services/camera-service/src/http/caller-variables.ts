import { serviceSecret } from '@camplane/service-kit/service-secret';
import { StartupError } from '@camplane/service-kit/startup-error';
import type { CallerName, Callers } from './require-caller.ts';

/** The passwords of the services that call camera-service. */
export const callerVariables = {
  CONTROL_API_PASSWORD: {
    schema: serviceSecret,
    description:
      'Password with which control-api calls camera-service, for snapshots and probes: its `CAMERA_SERVICE_PASSWORD`. With this or ' +
      '`CAMERA_OPERATOR_PASSWORD`, camera-service refuses callers without one of them. Without both, everyone who reaches its port is admitted.',
    secret: true,
  },
  CAMERA_OPERATOR_PASSWORD: {
    schema: serviceSecret,
    description:
      'Password with which camera-operator calls camera-service, for the status of cameras: its `CAMERA_SERVICE_PASSWORD`.',
    secret: true,
  },
  CAMERA_SERVICE_SHARED_PASSWORD: {
    schema: serviceSecret,
    description:
      'Password of every service, from a version in which they shared one. Used only if no service has its own.',
    secret: true,
  },
};

/** @throws StartupError if two services have the same password */
export function callersFrom(env: {
  readonly [K in keyof typeof callerVariables]: string | undefined;
}): Callers {
  const all: Partial<Record<CallerName, string | undefined>> = {
    'control-api': env.CONTROL_API_PASSWORD,
    'camera-operator': env.CAMERA_OPERATOR_PASSWORD,
  };
  const known = Object.entries(all).filter(([, password]) => password !== undefined);
  if (new Set(known.map(([, password]) => password)).size < known.length) {
    throw new StartupError(
      'CONTROL_API_PASSWORD and CAMERA_OPERATOR_PASSWORD must differ: otherwise camera-service cannot know which service calls',
    );
  }
  return { passwords: Object.fromEntries(known), shared: env.CAMERA_SERVICE_SHARED_PASSWORD ?? null };
}
