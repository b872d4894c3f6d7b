import type { DetectorName } from '@camplane/contracts/camera';
import { useId } from 'react';
import { Notice } from '../interface/notice.tsx';
import { Field, TextField, ToggleField, asSentence, fieldId } from './field.tsx';
import type { Form } from './field.tsx';

/** In display order: name, title, hint. */
const detectors: readonly (readonly [DetectorName, string, string])[] = [
  ['motion', 'Motion', 'Anything that moves. Low CPU use.'],
  ['person', 'People', 'Moving people, fully visible. Higher CPU use than motion.'],
  ['http', 'AI service', 'Sends frames to your own service. Needs AI_SERVICE_URL on the server.'],
  ['onnx', 'Model', 'Your own YOLO model. Needs the model and its labels on the server.'],
];

/** A width that was set through the API is offered as well. */
const widths = ['320', '640', '960', '1280', '1920'];

export function DetectionFields({ form }: { form: Form }) {
  const { values, errors, change } = form;
  const offered = widths.includes(values.frameWidth) ? widths : [values.frameWidth, ...widths];
  return (
    <fieldset className="section">
      <legend>Detection</legend>
      <ToggleField
        form={form}
        name="detection"
        label="Detect objects"
        hint="Changes apply at once, without interrupting the video."
      />
      {values.detection && (
        <>
          <DetectorChoices form={form} />
          <TextField
            form={form}
            name="minConfidence"
            label="Minimum confidence"
            hint="0 to 1. Lower values find more objects, and more false ones."
            className="short"
            inputMode="decimal"
          />
        </>
      )}
      <TextField
        form={form}
        name="framesFps"
        label="Frames per second for snapshots and detection"
        hint="0.1 to 30. Higher rates use more CPU."
        className="short"
        inputMode="decimal"
      />
      <Field
        name="frameWidth"
        label="Width of these frames"
        hint="Larger frames reveal smaller objects, but use more CPU. Limited to the camera’s own width."
        error={errors.fields.frameWidth}
      >
        {(control) => (
          <select
            {...control}
            className="short"
            value={values.frameWidth}
            onChange={({ target }) => change({ frameWidth: target.value })}
          >
            {offered.map((width) => (
              <option key={width} value={width}>
                {width} pixels
              </option>
            ))}
          </select>
        )}
      </Field>
    </fieldset>
  );
}

function DetectorChoices({ form: { values, errors, change } }: { form: Form }) {
  const base = useId();
  const error = errors.fields.detectors;
  const set = (name: DetectorName, chosen: boolean) =>
    change({
      detectors: detectors
        .map(([one]) => one)
        .filter((one) => (one === name ? chosen : values.detectors.includes(one))),
    });
  return (
    <fieldset
      className="choices"
      id={fieldId('detectors')}
      tabIndex={-1}
      aria-describedby={error === undefined ? undefined : `${base}-error`}
    >
      <legend>Detectors</legend>
      {detectors.map(([name, title, explanation]) => (
        <label key={name}>
          <input
            type="checkbox"
            name="detectors"
            value={name}
            checked={values.detectors.includes(name)}
            onChange={({ target }) => set(name, target.checked)}
          />
          <span>
            <strong>{title}</strong>
            <span className="field-hint">{explanation}</span>
          </span>
        </label>
      ))}
      {values.detectors.length === 0 && (
        <Notice tone="warning">Choose at least one detector, or nothing is detected.</Notice>
      )}
      {error !== undefined && (
        <p id={`${base}-error`} className="field-error">
          {asSentence(error)}
        </p>
      )}
    </fieldset>
  );
}
