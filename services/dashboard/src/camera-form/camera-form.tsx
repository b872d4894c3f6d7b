import type { Camera, ProbeResult } from '@camplane/contracts/camera-http';
import { useRef, useState } from 'react';
import type { SyntheticEvent } from 'react';
import { ApiError } from '@camplane/api-client/api-error';
import { messageOf } from '../api/message-of.ts';
import { probeSource } from '../api/cameras.ts';
import { useCamera } from '../app-context.tsx';
import { Notice } from '../interface/notice.tsx';
import { useSnapshot } from '../interface/use-snapshot.ts';
import type { Route } from '../routing/route.ts';
import { RouteLink } from '../routing/route-link.tsx';
import { ErrorSummary } from './error-summary.tsx';
import { checkValues, formErrorsOf, noErrors, probeBodyOf } from './form-values.ts';
import type { FormErrors, FormValues } from './form-values.ts';
import { DetectionFields } from './detection-fields.tsx';
import { IdentityFields, RunningFields, SourceFields, VideoFields } from './form-sections.tsx';
import { ProbePanel } from './probe-panel.tsx';

type Props = {
  initial: FormValues;
  /** The camera being edited; null for a new one. */
  camera: Camera | null;
  cancelTo: Route;
  submitLabel: string;
  /** Saves and leaves the page. Its errors are shown in the form. */
  save: (values: FormValues) => Promise<void>;
};

/** Adds or edits a camera. */
export function CameraForm({ initial, camera, cancelTo, submitLabel, save }: Props) {
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<FormErrors>(noErrors);
  const [failure, setFailure] = useState<{ message: string | null; attempt: number }>({
    message: null,
    attempt: 0,
  });
  const [busy, setBusy] = useState<'saving' | 'probing' | null>(null);
  const [probe, setProbe] = useState<ProbeResult | null>(null);
  const probing = useRef<AbortController | null>(null);
  const { status } = useCamera(camera?.id ?? '');
  const snapshot = useSnapshot(camera?.id ?? '', status, 60_000);
  const image = (probe?.ok ? probe.picture : null) ?? snapshot;

  const change = (changes: Partial<FormValues>) => {
    setValues((before) => ({ ...before, ...changes }));
    // Clear the errors of the edited fields.
    setErrors((before) => {
      const fields = { ...before.fields };
      for (const name of Object.keys(changes) as (keyof FormValues)[]) delete fields[name];
      return { ...before, fields };
    });
  };
  const form = { values, errors, change };
  const fail = (message: string | null, found: FormErrors) => {
    setErrors(found);
    setFailure(({ attempt }) => ({ message, attempt: attempt + 1 }));
  };
  const showError = (error: unknown) => {
    const fields = error instanceof ApiError ? error.fields : [];
    const code = error instanceof ApiError ? error.code : '';
    if (code === 'camera-exists') fail(null, { fields: { id: 'is used by another camera' }, other: [] });
    else fail(messageOf(error), formErrorsOf(fields));
  };

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (busy === 'saving') return;
    probing.current?.abort();
    const found = checkValues(values, camera);
    if (found.length > 0) return fail(null, formErrorsOf(found));
    setBusy('saving');
    setErrors(noErrors);
    setFailure(({ attempt }) => ({ message: null, attempt }));
    try {
      await save(values);
    } catch (error) {
      setBusy(null);
      showError(error);
    }
  };

  const test = async () => {
    const { fields } = formErrorsOf(checkValues(values, camera));
    if (fields.url !== undefined) {
      return fail('Correct the address to test the source.', { fields: { url: fields.url }, other: [] });
    }
    const stop = new AbortController();
    probing.current = stop;
    setBusy('probing');
    setProbe(null);
    setErrors(noErrors);
    setFailure(({ attempt }) => ({ message: null, attempt }));
    try {
      setProbe(await probeSource(probeBodyOf(values, camera), stop.signal));
    } catch (error) {
      if (!stop.signal.aborted) showError(error);
    } finally {
      setBusy((before) => (before === 'probing' ? null : before));
    }
  };

  return (
    <form className="camera-form" onSubmit={(event) => void submit(event)} noValidate>
      <ErrorSummary errors={errors} message={failure.message} attempt={failure.attempt} />
      <SourceFields form={form} hasStored={camera?.source.hasCredentials ?? false}>
        <div className="button-row">
          <button type="button" className="button" disabled={busy !== null} onClick={() => void test()}>
            {busy === 'probing' ? 'Testing…' : 'Test source'}
          </button>
          {busy === 'probing' && (
            <button type="button" className="button" onClick={() => probing.current?.abort()}>
              Cancel test
            </button>
          )}
        </div>
        <div role="status">
          {busy === 'probing' && (
            <p className="muted">Observing the source for some seconds. Slow cameras take up to 40.</p>
          )}
          {probe !== null && (
            <ProbePanel result={probe} mode={values.mode} onUseMode={(mode) => change({ mode })} />
          )}
        </div>
      </SourceFields>
      <IdentityFields form={form} isNew={camera === null} />
      <VideoFields form={form} image={image} />
      <DetectionFields form={form} />
      <RunningFields form={form} />
      {values.mode !== 'overlay' && values.masks.length > 0 && (
        <Notice tone="warning">
          Privacy masks only work in overlay mode. In this mode viewers see the masked areas.
        </Notice>
      )}
      <div className="form-actions">
        <button type="submit" className="button button-primary" disabled={busy === 'saving'}>
          {busy === 'saving' ? 'Saving…' : submitLabel}
        </button>
        <RouteLink className="button" to={cancelTo}>
          Cancel
        </RouteLink>
      </div>
    </form>
  );
}
