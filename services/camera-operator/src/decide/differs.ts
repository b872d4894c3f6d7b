import { parseQuantity } from './quantity.ts';

/**
 * Whether the live object lacks something of the desired one. Ignores additions by the API server and others: defaults,
 * status, labels, injected containers. Removed fields are detected by `appliedAnnotation` instead.
 */
export function differs(desired: unknown, live: unknown): boolean {
  return !contains(live, desired, '', '');
}

/** Keys of list items ("list-map-keys" of the Kubernetes API). Order is ignored. */
const itemKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  volumeMounts: ['mountPath'],
  imagePullSecrets: ['name'],
  ownerReferences: ['uid'],
  ports: ['containerPort', 'port'],
};
/** Atomic lists: an extra entry is a difference. Order is ignored. */
const wholeLists = ['drop', 'items', 'tolerations', 'supplementalGroups'];
const wholeMaps = ['selector', 'nodeSelector'];
const quantityMaps = ['limits', 'requests'];

function contains(live: unknown, desired: unknown, key: string, parent: string): boolean {
  if (desired === undefined) return true;
  if (Array.isArray(desired)) return Array.isArray(live) && containsList(live, desired, key);
  if (typeof desired === 'object' && desired !== null) {
    return typeof live === 'object' && live !== null && containsMap(live, desired, key);
  }
  if (quantityMaps.includes(parent) || key === 'sizeLimit') return isSameQuantity(live, desired);
  return live === desired;
}

function containsMap(live: object, desired: object, key: string): boolean {
  const found = live as Record<string, unknown>;
  const entries = Object.entries(desired).filter(([, value]) => value !== undefined);
  if (wholeMaps.includes(key) && Object.keys(found).length !== entries.length) return false;
  return entries.every(([name, value]) => contains(found[name], value, name, key));
}

function containsList(live: unknown[], desired: unknown[], key: string): boolean {
  const keys = itemKeys[key];
  if (keys) {
    return desired.every((item) =>
      live.some((candidate) => hasSameKeys(candidate, item, keys) && contains(candidate, item, '', key)),
    );
  }
  if (live.length !== desired.length) return false;
  if (wholeLists.includes(key)) {
    return desired.every((item) => live.some((candidate) => contains(candidate, item, '', key)));
  }
  return desired.every((item, index) => contains(live[index], item, '', key));
}

function hasSameKeys(a: unknown, b: unknown, keys: readonly string[]): boolean {
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return keys.every((key) => left[key] === right[key]);
}

function isSameQuantity(live: unknown, desired: unknown): boolean {
  const [left, right] = [parseQuantity(live), parseQuantity(desired)];
  return left !== null && right !== null && Math.abs(left - right) <= Math.abs(right) * 1e-9;
}
