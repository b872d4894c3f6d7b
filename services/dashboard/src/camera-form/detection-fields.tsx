import type { DetectorName } from '@camplane/contracts/camera';
import { useId } from 'react';
import { Notice } from '../interface/notice.tsx';
import { Field, TextField, ToggleField, asSentence, fieldId } from './field.tsx';
import type { Form } from './field.tsx';

/** In the order in which they are offered and saved, each with what it finds and what it needs. */
const detectors: readonly (readonly [DetectorName, string, string])[] = [
  ['motion', 'Motion', 'Whatever moves. Needs nothing, and little work.'],
  ['person', 'People', 'People who move and are seen whole. Needs nothing; more work than motion.'],
  ['http', 'AI service', 'What a service of yours finds. Needs AI_SERVICE_URL on the server.'],
  ['onnx', 'Model', 'What a YOLO model of yours finds. Needs a model and its labels on the server.'],
];

/** Sizes that detectors do well with; one that was set by other means is offered too. */
const widths = ['320', '640', '960', '1280', '1920'];

/** What is looked for in the camera's pictures. */
export function DetectionFields({ form }: { form: Form }) {
  const { values, errors, change } = form;
  const offered = widths.includes(values.frameWidth) ? widths : [values.frameWidth, ...widths];
  return (
    <fieldset className="section">
      <legend>Detection</legend>
      <ToggleField
        form={form}
        name="detection"
        label="Look for things in the pictures"
        hint="A change acts at once and does not interrupt the video."
      />
      {values.detection && (
        <>
          <DetectorChoices form={form} />
          <TextField
            form={form}
            name="minConfidence"
            label="How sure a detector must be"
            hint="From 0 to 1. Lower finds more, and more that is not there."
            className="short"
            inputMode="decimal"
          />
        </>
      )}
      <TextField
        form={form}
        name="framesFps"
        label="Pictures a second for snapshots and detection"
        hint="From 0.1 to 30; more pictures cost more work."
        className="short"
        inputMode="decimal"
      />
      <Field
        name="frameWidth"
        label="Size of these pictures"
        hint="Larger ones show smaller things, and cost more work; never larger than the camera’s own."
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
        <Notice tone="warning">No detector is chosen: nothing will be found.</Notice>
      )}
      {error !== undefined && (
        <p id={`${base}-error`} className="field-error">
          {asSentence(error)}
        </p>
      )}
    </fieldset>
  );
}
