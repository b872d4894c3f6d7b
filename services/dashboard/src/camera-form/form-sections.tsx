import { useState } from 'react';
import type { ReactNode } from 'react';
import { MakerAddress } from './maker-address.tsx';
import { suggestCameraId } from './camera-id.ts';
import { Field, TextField, ToggleField } from './field.tsx';
import type { Form } from './field.tsx';
import { LabelFields } from './label-fields.tsx';
import { LoginFields } from './login-fields.tsx';
import { MaskEditor } from './mask-editor.tsx';
import { ModeField } from './mode-field.tsx';
import { splitLogin } from './pasted-login.ts';

type SourceProps = { form: Form; hasStored: boolean; children: ReactNode };

export function SourceFields({ form, hasStored, children }: SourceProps) {
  const { values, change } = form;
  const [loginMoved, setLoginMoved] = useState(false);
  const extractLogin = (name: 'url' | 'subUrl') => {
    const split = splitLogin(values[name]);
    if (!split) return;
    change({ [name]: split.url, login: 'set', username: split.username, password: split.password });
    setLoginMoved(true);
  };
  return (
    <fieldset className="section">
      <legend>Source</legend>
      <MakerAddress form={form} />
      <TextField
        form={form}
        name="url"
        label="Stream address"
        hint="rtsp://, rtsps://, http(s)://, v4l2:/dev/video0, file:NAME or test:testsrc2"
        placeholder="rtsp://192.0.2.10:554/stream1"
        inputMode="url"
        verbatim
        onBlur={() => extractLogin('url')}
      />
      <LoginFields form={form} hasStored={hasStored} />
      <p role="status" className="field-hint">
        {loginMoved && 'Moved the user name and password from the address to their own fields.'}
      </p>
      <TextField
        form={form}
        name="subUrl"
        label="Sub stream address"
        optional
        hint="A smaller stream of the same camera, with the same login. Used in the grid and on slow connections."
        inputMode="url"
        verbatim
        onBlur={() => extractLogin('subUrl')}
      />
      <Field
        name="transport"
        label="RTSP transport"
        hint="TCP is reliable. Use UDP only if the camera does not support TCP."
        error={form.errors.fields.transport}
      >
        {(control) => (
          <select
            {...control}
            value={values.transport}
            onChange={({ target }) => change({ transport: target.value === 'udp' ? 'udp' : 'tcp' })}
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

export function IdentityFields({ form, isNew }: { form: Form; isNew: boolean }) {
  const { values, errors, change } = form;
  const [idTyped, setIdTyped] = useState(false);
  const rename = (displayName: string) =>
    change(isNew && !idTyped ? { displayName, id: suggestCameraId(displayName) } : { displayName });
  const typeId = (id: string) => {
    setIdTyped(id !== '');
    change({ id });
  };
  return (
    <fieldset className="section">
      <legend>Camera</legend>
      <TextField form={form} name="displayName" label="Name" optional={!isNew} onText={rename} />
      {isNew && (
        <TextField
          form={form}
          name="id"
          label="Id"
          hint="Part of the camera’s addresses. It cannot be changed later."
          verbatim
          onText={typeId}
        />
      )}
      <Field name="description" label="Description" optional error={errors.fields.description}>
        {(control) => (
          <textarea
            {...control}
            rows={2}
            value={values.description}
            onChange={({ target }) => change({ description: target.value })}
          />
        )}
      </Field>
      <LabelFields form={form} />
    </fieldset>
  );
}

export function VideoFields({ form, image }: { form: Form; image: string | null }) {
  const { values, errors, change } = form;
  return (
    <fieldset className="section">
      <legend>Video</legend>
      <ModeField mode={values.mode} onChange={(mode) => change({ mode })} />
      {values.mode === 'overlay' && (
        <>
          <ToggleField form={form} name="timestamp" label="Draw the camera’s name and the time" />
          <ToggleField
            form={form}
            name="boxes"
            label="Draw boxes around detections"
            hint="Into the video, for every viewer. If off, only this page shows them."
          />
          <MaskEditor
            masks={values.masks}
            image={image}
            error={errors.fields.masks}
            onChange={(masks) => change({ masks })}
          />
        </>
      )}
      <ToggleField
        form={form}
        name="audio"
        label="Sound"
        hint="Converted to Opus, which browsers can play."
      />
    </fieldset>
  );
}

export function RunningFields({ form }: { form: Form }) {
  return (
    <fieldset className="section">
      <legend>Operation</legend>
      <ToggleField
        form={form}
        name="enabled"
        label="Enabled"
        hint="If off, the camera keeps its configuration but is not connected."
      />
      <ToggleField
        form={form}
        name="onDemand"
        label="Connect on demand"
        hint="Connects only while someone watches. Saves bandwidth, but the first viewer waits a moment longer."
      />
      {form.values.onDemand && (
        <TextField
          form={form}
          name="idleSeconds"
          label="Seconds from the last viewer until it stops"
          className="short"
          inputMode="numeric"
        />
      )}
    </fieldset>
  );
}
