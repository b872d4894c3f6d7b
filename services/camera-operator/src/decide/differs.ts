import { parseQuantity } from './quantity.ts';

/**
 * Whether what is there lacks something of what is wanted. What the API server and others have added does not count:
 * defaults, status, further labels, a container that was injected. What was wanted once and is not any more is not
 * seen here: see `appliedAnnotation`.
 */
export function differs(wanted: unknown, there: unknown): boolean {
  return !contains(there, wanted, '', '');
}

/** What tells the items of a list apart ("list-map-keys" of the Kubernetes API); order does not count. */
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
/** Replaced as a whole by whoever writes them: an entry too many is a difference. In any order. */
const wholeLists = ['drop', 'items', 'tolerations', 'supplementalGroups'];
const wholeMaps = ['selector', 'nodeSelector'];
const quantityMaps = ['limits', 'requests'];

function contains(there: unknown, wanted: unknown, key: string, parent: string): boolean {
  if (wanted === undefined) return true;
  if (Array.isArray(wanted)) return Array.isArray(there) && containsList(there, wanted, key);
  if (typeof wanted === 'object' && wanted !== null) {
    return typeof there === 'object' && there !== null && containsMap(there, wanted, key);
  }
  if (quantityMaps.includes(parent) || key === 'sizeLimit') return isSameQuantity(there, wanted);
  return there === wanted;
}

function containsMap(there: object, wanted: object, key: string): boolean {
  const found = there as Record<string, unknown>;
  const entries = Object.entries(wanted).filter(([, value]) => value !== undefined);
  if (wholeMaps.includes(key) && Object.keys(found).length !== entries.length) return false;
  return entries.every(([name, value]) => contains(found[name], value, name, key));
}

function containsList(there: unknown[], wanted: unknown[], key: string): boolean {
  const keys = itemKeys[key];
  if (keys) {
    return wanted.every((item) =>
      there.some((candidate) => hasSameKeys(candidate, item, keys) && contains(candidate, item, '', key)),
    );
  }
  if (there.length !== wanted.length) return false;
  if (wholeLists.includes(key)) {
    return wanted.every((item) => there.some((candidate) => contains(candidate, item, '', key)));
  }
  return wanted.every((item, index) => contains(there[index], item, '', key));
}

function hasSameKeys(a: unknown, b: unknown, keys: readonly string[]): boolean {
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return keys.every((key) => left[key] === right[key]);
}

function isSameQuantity(there: unknown, wanted: unknown): boolean {
  const [left, right] = [parseQuantity(there), parseQuantity(wanted)];
  return left !== null && right !== null && Math.abs(left - right) <= Math.abs(right) * 1e-9;
}
