import { serviceSecret } from './service-secret.ts';

/** Variables of each service that calls camera-service. */
export const cameraServiceCallerVariables = {
  CAMERA_SERVICE_PASSWORD: {
    schema: serviceSecret,
    description:
      'Password with which a service calls camera-service, 32 random characters or more, different for each calling service. camera-service ' +
      'has it as `CONTROL_API_PASSWORD` or `CAMERA_OPERATOR_PASSWORD`.',
    secret: true,
  },
  CAMERA_SERVICE_PREVIOUS_PASSWORD: {
    schema: serviceSecret,
    description:
      'Password that is sent if `CAMERA_SERVICE_PASSWORD` is refused or not set: for camera pods that an upgrade has not replaced yet.',
    secret: true,
  },
};

/** The passwords of a service, in the order in which they are sent. */
export type ServicePasswords = readonly string[];

export function cameraServicePasswords(env: {
  CAMERA_SERVICE_PASSWORD: string | undefined;
  CAMERA_SERVICE_PREVIOUS_PASSWORD: string | undefined;
}): ServicePasswords {
  const passwords = [env.CAMERA_SERVICE_PASSWORD, env.CAMERA_SERVICE_PREVIOUS_PASSWORD];
  return passwords.filter((password) => password !== undefined);
}

/** Calls another service. Redirects fail: services send none, and those of another server could lead anywhere. */
export type ServiceFetch = (url: string, init?: ServiceRequest) => Promise<Response>;

/** The body may be sent more than once. */
type ServiceRequest = Omit<RequestInit, 'body' | 'headers'> & {
  body?: string;
  headers?: Record<string, string>;
};

/** Sends each password as `Authorization: Bearer` until the answer is not 401, or none without passwords. */
export function createServiceFetch(passwords: ServicePasswords): ServiceFetch {
  return async (url, init = {}) => {
    const send = (headers: Record<string, string>): Promise<Response> =>
      fetch(url, {
        ...init,
        headers: { ...init.headers, ...headers },
        redirect: 'error',
      });
    const [first, ...others] = passwords.map((password) => ({ authorization: `Bearer ${password}` }));
    let response = await send(first ?? {});
    for (const headers of others) {
      if (response.status !== 401) break;
      await response.body?.cancel();
      response = await send(headers);
    }
    return response;
  };
}
