import { CamplaneError } from '@camplane/contracts/problem';

export function detectionNotFound(id: string): CamplaneError {
  return new CamplaneError(
    'detection-not-found',
    `There is no detection '${id.slice(0, 100)}'; those older than the retention are deleted`,
  );
}
