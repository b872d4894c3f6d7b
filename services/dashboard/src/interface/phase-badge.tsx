import type { CameraStatus } from '@camplane/contracts/camera-status';
import { phaseWording } from '../wording/phase.ts';

export function PhaseBadge({ status }: { status: CameraStatus | undefined }) {
  const { label, tone } = phaseWording(status);
  return (
    <span className={`badge badge-${tone}`} data-phase={status?.phase ?? 'UNKNOWN'}>
      <span className="badge-dot" aria-hidden="true" />
      {label}
    </span>
  );
}
