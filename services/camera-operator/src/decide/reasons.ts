/**
 * The operator's reasons for the condition Ready, beside those that the camera's pod reports
 * (docs/reference/conditions.md). docs/guide/camera-resource.md lists the remedy for each. Expected reasons are part of
 * a normal start or stop and cause no warning.
 */
export const operatorReasons = {
  InvalidSpec: { isExpected: false },
  NameTaken: { isExpected: false },
  Disabled: { isExpected: true },
  DeviceUnavailable: { isExpected: false },
  MediaUnavailable: { isExpected: false },
  SecretMissing: { isExpected: false },
  SecretNotAllowed: { isExpected: false },
  WriteRefused: { isExpected: false },
  QuotaExceeded: { isExpected: false },
  PodRefused: { isExpected: false },
  Unschedulable: { isExpected: false },
  ImagePullFailed: { isExpected: false },
  ContainerCannotBeCreated: { isExpected: false },
  OutOfMemory: { isExpected: false },
  CrashLoop: { isExpected: false },
  ContainerEnded: { isExpected: false },
  NodeLost: { isExpected: false },
  PodEvicted: { isExpected: false },
  PodFailed: { isExpected: false },
  PodStuck: { isExpected: false },
  NoReport: { isExpected: true },
  PodReady: { isExpected: true },
  PodPending: { isExpected: true },
  PodStarting: { isExpected: true },
  PodReplaced: { isExpected: true },
} as const satisfies Record<string, { isExpected: boolean }>;

export type OperatorReason = keyof typeof operatorReasons;

/** Expected reasons in reports of a pod. */
const expectedReports = ['Connecting', 'NotReadYet', 'StopRequested', 'Disabled', 'Removed'];

export function isExpected(reason: string): boolean {
  const known: { isExpected: boolean } | undefined = Object.hasOwn(operatorReasons, reason)
    ? operatorReasons[reason as OperatorReason]
    : undefined;
  return known?.isExpected ?? expectedReports.includes(reason);
}
