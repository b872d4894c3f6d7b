import { homekitUnavailable } from '@camplane/contracts/camera';
import { clusterCameraIdMaxLength } from '@camplane/contracts/camera-workload';
import type { FieldExtension } from './structural-schema.ts';
import { sourceUrlRules } from './source-url-rules.ts';

/** A DNS label (RFC 1123, section 2.1), as in `cameraIdSchema`, which also bounds its length. */
const dnsLabel = '[a-z0-9]([a-z0-9-]*[a-z0-9])?';

const polygon: FieldExtension = {
  rules: [{ rule: 'self.size() >= 3', message: 'must have at least 3 points: fewer enclose no area' }],
  without: ['minItems'],
};

const fraction = between(
  0,
  1,
  'must be between 0 and 1: a fraction of the picture’s width or height, not a number of pixels',
);

const usesDevice = (source: string) =>
  `(${source}.url.matches('^(?i:v4l2):') || (has(${source}.subUrl) && ${source}.subUrl.matches('^(?i:v4l2):')))`;

/** Rules of `metadata.name`: resource names may be longer and contain dots, camera ids may not. */
export const nameRules = [
  {
    rule: `self.metadata.name.matches('^${dnsLabel}$')`,
    fieldPath: '.metadata.name',
    message:
      'must be a DNS label: lower-case letters, digits and hyphens, beginning and ending with a letter or digit',
  },
  {
    rule: `self.metadata.name.size() <= ${clusterCameraIdMaxLength}`,
    fieldPath: '.metadata.name',
    message: `must be at most ${clusterCameraIdMaxLength} characters: the names of its Deployment and Service have the prefix "camera-"`,
  },
];

const labelName = '[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?';
const labelPart = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const prefix = `${labelPart}(\\.${labelPart})*/`;
/** Bounds the length of the matched text, and so the cost of the rule. */
const named = (variable: string, pattern: string) =>
  `${variable}.size() <= 317 && ${variable}.matches(r'^${pattern}$')`;

const valueOfLabel: FieldExtension = {
  rules: [
    {
      rule: `self.matches(r'^(${labelName})?$')`,
      message: 'must be a label value: at most 63 letters, digits, hyphens, dots and underscores',
    },
  ],
};

const placement: Record<string, FieldExtension> = {
  'placement.nodeSelector': {
    mapType: 'atomic',
    rules: [
      {
        rule: `self.all(key, ${named('key', `(${prefix})?${labelName}`)})`,
        message: 'each key must be a label key: zone, or kubernetes.io/hostname',
      },
    ],
  },
  'placement.nodeSelector{}': valueOfLabel,
  'placement.tolerations[]': {
    rules: [
      {
        rule: "self.key != '' || self.operator == 'Exists'",
        message: 'must have a key, or the operator Exists for every taint',
      },
      {
        rule: "self.operator != 'Exists' || self.value == ''",
        message: 'must not have a value with the operator Exists',
      },
      {
        rule: "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
        message: 'must have the effect NoExecute if tolerationSeconds is set',
      },
    ],
  },
  'placement.tolerations[].key': {
    rules: [
      {
        rule: `self == '' || self.matches(r'^(${prefix})?${labelName}$')`,
        message: 'must be a taint key: dedicated, or example.com/dedicated',
      },
    ],
  },
  'placement.tolerations[].value': valueOfLabel,
  'placement.extendedResources': {
    rules: [
      {
        rule: `self.all(key, ${named('key', `${prefix}${labelName}`)})`,
        message: 'each key must be a resource name with its domain: nvidia.com/gpu',
      },
    ],
  },
};

/** Rules of `spec` in addition to types and bounds, by field. */
export const specExtensions: Record<string, FieldExtension> = {
  source: {
    rules: [
      {
        rule: `${usesDevice('self')} == ${usesDevice('oldSelf')}`,
        fieldPath: '.url',
        message:
          'a camera cannot change between a device (v4l2:) and a network source: delete this Camera and create another',
      },
    ],
  },
  'source.url': { rules: sourceUrlRules },
  'source.subUrl': { rules: sourceUrlRules },
  'source.credentialsSecretRef.name': {
    rules: [
      {
        rule: `self.matches(r'^${dnsLabel}(\\.${dnsLabel})*$')`,
        message: 'must be the name of a Secret: lower-case letters, digits, hyphens and dots',
      },
    ],
    without: ['minLength'],
  },
  'frames.fps': between(0.1, 30, 'must be between 0.1 and 30 frames per second'),
  'video.overlay.privacyMasks[].points': polygon,
  'video.overlay.privacyMasks[].points[].x': fraction,
  'video.overlay.privacyMasks[].points[].y': fraction,
  'detection.minConfidence': between(0, 1, 'must be between 0 and 1: 0.5 for 50 %'),
  'detection.zones[].points': polygon,
  'detection.zones[].points[].x': fraction,
  'detection.zones[].points[].y': fraction,
  'homekit.enabled': { rules: [{ rule: '!self', message: homekitUnavailable }] },
  ...placement,
};

export const statusExtensions: Record<string, FieldExtension> = {
  conditions: { listMapKeys: ['type'] },
};

/** Both bounds in one message. It cannot quote the value: the API server could not bound the cost of the rule. */
function between(minimum: number, maximum: number, message: string): FieldExtension {
  const decimal = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));
  return {
    rules: [{ rule: `self >= ${decimal(minimum)} && self <= ${decimal(maximum)}`, message }],
    without: ['minimum', 'maximum'],
  };
}
