import type { Operation, Permission } from '@camplane/contracts/operation';
import type { OperationId } from '@camplane/contracts/operations';
import { CamplaneError } from '@camplane/contracts/problem';
import { isOnCameras } from '@camplane/contracts/rights';
import type { IncomingMessage } from 'node:http';
import type { Access } from '../access/access.ts';
import { authorize, authorizeSome } from '../access/authorize.ts';
import { forbidden, hasRightOnDetection, requireOnCamera } from '../access/camera-rights.ts';
import type { CameraDirectory } from '../access/camera-rights.ts';
import { anonymous } from '../access/principal.ts';
import type { Principal } from '../access/principal.ts';
import type { ViewerTickets } from '../media/viewer-tickets.ts';
import { requireRegistered } from '../cameras/require-registered.ts';
import { detectionNotFound } from '../detections/detection-not-found.ts';
import { auditEntryOf } from './audit-request.ts';
import { pathIdOf } from './path-id.ts';

export type GuardDeps = {
  access: Pick<Access, 'prepare' | 'authenticate' | 'audit'>;
  cameras: CameraDirectory;
  /** @throws CamplaneError `store-unavailable` */
  originOfDetection(id: string): Promise<{ cameraId: string; capturedAtMs: number } | undefined>;
  viewers: Pick<ViewerTickets, 'ofQuery'>;
};

/**
 * Who views a camera: by its ticket if the operation accepts one and the query has it, otherwise as for any operation.
 *
 * @param viewer the `{id}` and the `ticket` of the request, not validated
 * @throws CamplaneError `unauthenticated`
 */
export function authenticateViewer(
  entry: readonly [OperationId, Operation],
  request: IncomingMessage,
  viewer: { idText: unknown; ticket: unknown },
  deps: Pick<GuardDeps, 'access' | 'viewers'>,
): Principal {
  const [action, { viewerAuth }] = entry;
  const { idText, ticket } = viewer;
  if (viewerAuth === undefined || typeof ticket !== 'string') return authenticateFor(entry, request, deps);
  try {
    return deps.viewers.ofQuery(ticket, String(idText));
  } catch (error) {
    if (!(error instanceof CamplaneError)) throw error;
    const refusal = { action, outcome: 'refused', cameraId: null, detail: error.message } as const;
    deps.access.audit(auditEntryOf(request, anonymous, refusal));
    throw error;
  }
}

/** Who makes a request. @throws CamplaneError `unauthenticated` */
export function authenticateFor(
  [operationId, { permission }]: readonly [OperationId, Operation],
  request: IncomingMessage,
  { access }: Pick<GuardDeps, 'access'>,
): Principal {
  const audit = (detail: string): void =>
    access.audit(
      auditEntryOf(request, anonymous, { action: operationId, outcome: 'refused', cameraId: null, detail }),
    );
  let principal: Principal;
  try {
    principal = access.authenticate(request);
  } catch (error) {
    if (!(error instanceof CamplaneError)) throw error;
    if (permission === 'none') return anonymous;
    if (error.kind === 'unauthenticated') audit(error.message);
    throw error;
  }
  if (permission === 'none' || principal.kind !== 'anonymous') return principal;
  // Asking whether one is signed in is how every page begins.
  if (operationId !== 'readSession') audit('Without a credential');
  throw new CamplaneError(
    'unauthenticated',
    'Sign in, or send an API token in the header Authorization: Bearer TOKEN',
  );
}

/**
 * Refuses an operation that a principal may not call, before its body is read.
 *
 * @param idText the `{id}` of the path
 * @returns it, or '' if the path has none
 * @throws CamplaneError `forbidden`, `camera-not-found`, `detection-not-found`
 */
export async function authorizeOperation(
  [operationId, operation]: readonly [OperationId, Operation],
  idText: unknown,
  caller: { principal: Principal; request: IncomingMessage },
  deps: GuardDeps,
): Promise<string> {
  let id = '';
  try {
    requireOnInstallation(operation, caller.principal);
    id = pathIdOf(operation, idText);
    await requireOnCameras(operation, id, caller.principal, deps);
    return id;
  } catch (error) {
    const cameraId = operation.path.includes('{id}') && (operation.idOf ?? 'camera') === 'camera' ? id : null;
    if (error instanceof CamplaneError) auditRefusal(operationId, cameraId, caller, error, deps);
    throw error;
  }
}

/**
 * Refuses a camera that a message of a WebSocket names, as an operation with it in its path does.
 *
 * @throws CamplaneError `camera-not-found`
 */
export function authorizeNamedCamera(
  [operationId, { permission }]: readonly [OperationId, Operation],
  cameraId: string,
  caller: { principal: Principal; request: IncomingMessage },
  deps: Pick<GuardDeps, 'access' | 'cameras'>,
): void {
  if (!isGranted(permission)) return;
  try {
    requireOnCamera(caller.principal, permission, cameraId, deps.cameras);
    requireRegistered(cameraId, deps.cameras);
  } catch (error) {
    if (error instanceof CamplaneError) auditRefusal(operationId, cameraId, caller, error, deps);
    throw error;
  }
}

function requireOnInstallation({ permission }: Operation, principal: Principal): void {
  if (!isGranted(permission) || isOnCameras(permission)) return;
  if (!authorize(principal, permission, null)) throw forbidden(permission);
}

async function requireOnCameras(
  { path, idOf = 'camera', permission }: Operation,
  id: string,
  principal: Principal,
  deps: GuardDeps,
): Promise<void> {
  if (!isGranted(permission) || !isOnCameras(permission)) return;
  if (!path.includes('{id}')) {
    // The handler filters what it lists, and checks the camera that a body names.
    if (!authorizeSome(principal, permission)) throw forbidden(permission);
  } else if (idOf === 'detection') {
    if (authorize(principal, permission, null)) return;
    const origin = authorizeSome(principal, permission) ? await deps.originOfDetection(id) : undefined;
    if (origin === undefined || !hasRightOnDetection(principal, permission, origin, deps.cameras)) {
      throw detectionNotFound(id);
    }
  } else {
    requireOnCamera(principal, permission, id, deps.cameras);
  }
}

function isGranted(permission: Permission): permission is Exclude<Permission, 'none' | 'signed-in'> {
  return permission !== 'none' && permission !== 'signed-in';
}

/**
 * Refuses an upgrade to a principal without the permission on any camera. Messages are filtered one by one.
 *
 * @throws CamplaneError `forbidden`
 */
export function requireSomeRight(
  [action, { permission }]: readonly [OperationId, Operation],
  { principal, request }: { principal: Principal; request: IncomingMessage },
  { access }: Pick<GuardDeps, 'access'>,
): void {
  if (!isGranted(permission) || authorizeSome(principal, permission)) return;
  const error = forbidden(permission);
  const refusal = { action, outcome: 'refused', cameraId: null, detail: error.message } as const;
  access.audit(auditEntryOf(request, principal, refusal));
  throw error;
}

/** A camera or detection that does not exist is not a refusal. */
function auditRefusal(
  action: OperationId,
  cameraId: string | null,
  { principal, request }: { principal: Principal; request: IncomingMessage },
  error: CamplaneError,
  { access, cameras }: Pick<GuardDeps, 'access' | 'cameras'>,
): void {
  const isHidden = cameraId !== null && cameras.identity(cameraId) !== undefined;
  if (error.kind !== 'forbidden' && !isHidden && error.kind !== 'detection-not-found') return;
  const detail = error.kind === 'forbidden' ? error.message : `Not visible to this user: ${error.message}`;
  access.audit(auditEntryOf(request, principal, { action, outcome: 'refused', cameraId, detail }));
}
