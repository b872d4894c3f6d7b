import { useState } from 'react';
import type { ReactNode } from 'react';
import { suggestCameraId } from './camera-id.ts';
import { Field, Toggle } from './field.tsx';
import type { FormErrors, FormValues } from './form-values.ts';
import { LoginFields } from './login-fields.tsx';
import { MaskEditor } from './mask-editor.tsx';
import { ModeField } from './mode-field.tsx';
import { splitLogin } from './pasted-login.ts';

type Props = { values: FormValues; errors: FormErrors; change: (changes: Partial<FormValues>) => void };

export function SourceFields({
  values,
  errors,
  hasStored,
  change,
  children,
}: Props & { hasStored: boolean; children: ReactNode }) {
  const [moved, setMoved] = useState(false);
  const takeLoginOut = (name: 'url' | 'subUrl') => {
    const split = splitLogin(values[name]);
    if (!split) return;
    change({ [name]: split.url, login: 'set', username: split.username, password: split.password });
    setMoved(true);
  };
  return (
    <fieldset className="section">
      <legend>Source</legend>
      <Field
        name="url"
        label="Address of the stream"
        hint="rtsp://, rtsps://, http(s)://, v4l2:/dev/video0, file:NAME or test:testsrc2"
        error={errors.fields.url}
      >
        {(control) => (
          <input
            {...control}
            value={values.url}
            placeholder="rtsp://192.0.2.10:554/stream1"
            onChange={(event) => change({ url: event.target.value })}
            onBlur={() => takeLoginOut('url')}
            inputMode="url"
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
          />
        )}
      </Field>
      <LoginFields values={values} errors={errors} hasStored={hasStored} change={change} />
      <p role="status" className="field-hint">
        {moved && 'The user name and password in the address were moved to their own fields.'}
      </p>
      <Field
        name="subUrl"
        label="Address of the sub stream"
        optional
        hint="A smaller stream of the same camera, with the same login: used in the grid and on slow connections."
        error={errors.fields.subUrl}
      >
        {(control) => (
          <input
            {...control}
            value={values.subUrl}
            onChange={(event) => change({ subUrl: event.target.value })}
            onBlur={() => takeLoginOut('subUrl')}
            inputMode="url"
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
          />
        )}
      </Field>
      <Field
        name="transport"
        label="RTSP transport"
        hint="TCP loses nothing; UDP only for cameras that know nothing else."
        error={errors.fields.transport}
      >
        {(control) => (
          <select
            {...control}
            value={values.transport}
            onChange={(event) => change({ transport: event.target.value === 'udp' ? 'udp' : 'tcp' })}
          >
            <option value="tcp">TCP</option>
            <option value="udp">UDP</option>
          </select>
        )}
      </Field>
      {children}
    </fieldset>
  );
}

export function IdentityFields({ values, errors, isNew, change }: Props & { isNew: boolean }) {
  const [idTyped, setIdTyped] = useState(false);
  const rename = (displayName: string) =>
    change(isNew && !idTyped ? { displayName, id: suggestCameraId(displayName) } : { displayName });
  return (
    <fieldset className="section">
      <legend>Camera</legend>
      <Field name="displayName" label="Name" optional={!isNew} error={errors.fields.displayName}>
        {(control) => (
          <input {...control} value={values.displayName} onChange={(event) => rename(event.target.value)} />
        )}
      </Field>
      {isNew && (
        <Field
          name="id"
          label="Id"
          hint="Part of the camera’s addresses; it cannot be changed later."
          error={errors.fields.id}
        >
          {(control) => (
            <input
              {...control}
              value={values.id}
              onChange={(event) => {
                setIdTyped(event.target.value !== '');
                change({ id: event.target.value });
              }}
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
            />
          )}
        </Field>
      )}
      <Field name="description" label="Description" optional error={errors.fields.description}>
        {(control) => (
          <textarea
            {...control}
            rows={2}
            value={values.description}
            onChange={(event) => change({ description: event.target.value })}
          />
        )}
      </Field>
    </fieldset>
  );
}

export function VideoFields({ values, errors, picture, change }: Props & { picture: string | null }) {
  return (
    <fieldset className="section">
      <legend>Video</legend>
      <ModeField mode={values.mode} onChange={(mode) => change({ mode })} />
      {values.mode === 'overlay' && (
        <>
          <Toggle
            name="timestamp"
            label="Draw the camera’s name and the time"
            checked={values.timestamp}
            onChange={(timestamp) => change({ timestamp })}
          />
          <MaskEditor
            masks={values.masks}
            picture={picture}
            error={errors.fields.masks}
            onChange={(masks) => change({ masks })}
          />
        </>
      )}
      <Toggle
        name="audio"
        label="Sound"
        hint="Passed on as Opus, which browsers play."
        checked={values.audio}
        onChange={(audio) => change({ audio })}
      />
    </fieldset>
  );
}

export function RunningFields({ values, errors, change }: Props) {
  return (
    <fieldset className="section">
      <legend>Running</legend>
      <Toggle
        name="enabled"
        label="Switched on"
        hint="A camera that is switched off keeps its configuration and is not connected to."
        checked={values.enabled}
        onChange={(enabled) => change({ enabled })}
      />
      <Toggle
        name="onDemand"
        label="Connect only while someone watches"
        hint="Saves the camera’s and the network’s work; the first picture takes a moment longer."
        checked={values.onDemand}
        onChange={(onDemand) => change({ onDemand })}
      />
      {values.onDemand && (
        <Field
          name="idleSeconds"
          label="Seconds after the last viewer until it stops"
          error={errors.fields.idleSeconds}
        >
          {(control) => (
            <input
              {...control}
              className="short"
              inputMode="numeric"
              value={values.idleSeconds}
              onChange={(event) => change({ idleSeconds: event.target.value })}
            />
          )}
        </Field>
      )}
      <Toggle
        name="detection"
        label="Detection"
        hint="Looks for motion and people in this camera’s pictures."
        checked={values.detection}
        onChange={(detection) => change({ detection })}
      />
      <Field
        name="framesFps"
        label="Pictures a second for snapshots and detection"
        hint="From 0.1 to 30; more pictures cost more work."
        error={errors.fields.framesFps}
      >
        {(control) => (
          <input
            {...control}
            className="short"
            inputMode="decimal"
            value={values.framesFps}
            onChange={(event) => change({ framesFps: event.target.value })}
          />
        )}
      </Field>
    </fieldset>
  );
}
