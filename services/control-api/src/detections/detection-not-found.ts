import { CamplaneError } from '@camplane/contracts/problem';

export function detectionNotFound(id: string): CamplaneError {
  return new CamplaneError(
    'detection-not-found',
    `Detection '${id.slice(0, 100)}' does not exist, or is older than the retention`,
  );
}
