/**
 * Reasons of the condition Ready that the operator itself gives, beside those that the camera's pod reports
 * (docs/reference/conditions.md). Closed: docs/guide/camera-resource.md says of each what to do. `isOrdinary` are
 * those on the way to a ready camera, or as its owner wished: nothing to warn of.
 */
export const operatorReasons = {
  InvalidSpec: { isOrdinary: false },
  NameTaken: { isOrdinary: false },
  Disabled: { isOrdinary: true },
  DeviceUnavailable: { isOrdinary: false },
  MediaUnavailable: { isOrdinary: false },
  SecretMissing: { isOrdinary: false },
  WriteRefused: { isOrdinary: false },
  QuotaExceeded: { isOrdinary: false },
  PodRefused: { isOrdinary: false },
  Unschedulable: { isOrdinary: false },
  ImagePullFailed: { isOrdinary: false },
  ContainerCannotBeCreated: { isOrdinary: false },
  OutOfMemory: { isOrdinary: false },
  CrashLoop: { isOrdinary: false },
  ContainerEnded: { isOrdinary: false },
  NodeLost: { isOrdinary: false },
  PodEvicted: { isOrdinary: false },
  PodFailed: { isOrdinary: false },
  PodStuck: { isOrdinary: false },
  NoReport: { isOrdinary: true },
  PodReady: { isOrdinary: true },
  PodPending: { isOrdinary: true },
  PodStarting: { isOrdinary: true },
  PodReplaced: { isOrdinary: true },
} as const satisfies Record<string, { isOrdinary: boolean }>;

export type OperatorReason = keyof typeof operatorReasons;

/** Of a report's: on its way, or stopped. */
const ordinaryReports = ['Connecting', 'StopRequested', 'Disabled', 'Removed'];

export function isOrdinary(reason: string): boolean {
  const known: { isOrdinary: boolean } | undefined = Object.hasOwn(operatorReasons, reason)
    ? operatorReasons[reason as OperatorReason]
    : undefined;
  return known?.isOrdinary ?? ordinaryReports.includes(reason);
}
