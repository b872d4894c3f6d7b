import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import { waitUntil } from '@camplane/testkit/wait-until';

const crdFile = join(import.meta.dirname, '../../../../k8s/crds/cameras.camplane.dev.yaml');
const crdPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/cameras.camplane.dev';
export const camerasPath = '/apis/camplane.dev/v1alpha1/namespaces/default/cameras';

export type Metadata = { name: string; generation: number; resourceVersion: string };
export type StoredCamera = { metadata: Metadata; spec: unknown; status?: unknown };
export type StoredCrd = {
  metadata: Metadata;
  status: { conditions: { type: string; status: string; message: string }[] };
};
/** Causes of a rejection, by field. */
export type Refusal = { status: number; causes: { field: string; message: string }[]; text: string };
export type CreateResult = { ok: true; camera: StoredCamera } | { ok: false; refusal: Refusal };

/** Server-side apply of the committed file, as `kubectl apply --server-side` does it; waits until it serves. */
export async function applyCommittedCrd(api: TestKubernetesApi): Promise<StoredCrd> {
  return applyCrd(api, await readFile(crdFile, 'utf8'));
}

/** The committed definition without the rule that refuses HomeKit: an earlier version of it. */
export async function applyCrdWithHomekit(api: TestKubernetesApi): Promise<StoredCrd> {
  const text = await readFile(crdFile, 'utf8');
  const older = text.replace(/ +x-kubernetes-validations:\n +- rule: '!self'\n +message: HomeKit.*\n/, '');
  if (older === text) throw new Error('the definition has no rule about HomeKit');
  return applyCrd(api, older);
}

async function applyCrd(api: TestKubernetesApi, text: string): Promise<StoredCrd> {
  const answer = await api.request({
    method: 'PATCH',
    path: `${crdPath}?fieldManager=test&fieldValidation=Strict`,
    contentType: 'application/apply-patch+yaml',
    // As YAML text, because the API server parses YAML 1.1 like kubectl.
    body: text,
  });
  if (answer.status >= 300) throw new Error(`the API server refused the CRD: ${JSON.stringify(answer.body)}`);
  const crd = await waitUntil(
    async () => (await api.request({ path: crdPath })).body as StoredCrd,
    ({ status }) =>
      status.conditions?.some(({ type, status }) => type === 'Established' && status === 'True'),
    { what: 'the CRD to be established', timeoutMs: 30_000 },
  );
  await waitUntil(
    async () => (await api.request({ path: camerasPath })).status,
    (status) => status === 200,
    { what: 'cameras to be served', timeoutMs: 30_000 },
  );
  return crd;
}

export function cameraManifest(name: string, spec: unknown) {
  return { apiVersion: 'camplane.dev/v1alpha1', kind: 'Camera', metadata: { name }, spec };
}

/** Creates a camera with strict field validation like kubectl; `dryRun` does not store it. */
export async function createCamera(
  api: TestKubernetesApi,
  manifest: ReturnType<typeof cameraManifest>,
  options: { dryRun: boolean },
): Promise<CreateResult> {
  const query = `fieldValidation=Strict${options.dryRun ? '&dryRun=All' : ''}`;
  return resultOf(await api.request({ method: 'POST', path: `${camerasPath}?${query}`, body: manifest }));
}

/** A merge patch of a camera, or of its status. */
export async function patchCamera(
  api: TestKubernetesApi,
  name: string,
  patch: unknown,
  subresource: '' | '/status' = '',
): Promise<CreateResult> {
  const answer = await api.request({
    method: 'PATCH',
    path: `${camerasPath}/${name}${subresource}?fieldValidation=Strict`,
    contentType: 'application/merge-patch+json',
    body: patch,
  });
  return resultOf(answer);
}

function resultOf({ status, body }: { status: number; body: unknown }): CreateResult {
  if (status < 300) return { ok: true, camera: body as StoredCamera };
  const failure = body as { message: string; details?: { causes?: Refusal['causes'] } };
  const unknownFields = unknownFieldsOf(failure.message);
  const causes = unknownFields.length > 0 ? unknownFields : (failure.details?.causes ?? []);
  // "some validation rules were not checked because the object was invalid" names no field.
  const ofFields = causes.filter(({ field }) => field !== '<nil>');
  return { ok: false, refusal: { status, causes: ofFields, text: JSON.stringify(body) } };
}

/** Only the message names an unknown field: `strict decoding error: unknown field "spec.x"`. */
function unknownFieldsOf(message: string): Refusal['causes'] {
  return [...message.matchAll(/unknown field "([^"]+)"/g)].map(([text, field = '']) => ({
    field,
    message: text,
  }));
}

/** The message of a cause without the API server's prefix (`Invalid value: "string": `). */
export function reasonOf(cause: { message: string }): string {
  return cause.message.replace(/^Invalid value: "(string|number|boolean|object|array)": /, '');
}
