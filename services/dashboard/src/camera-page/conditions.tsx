import type { Condition } from '@camplane/contracts/camera-status';
import { conditionNames } from '../wording/phase.ts';

const answers = { True: 'Yes', False: 'No', Unknown: 'Unknown' } as const;
const tones = { True: 'good', False: 'bad', Unknown: 'quiet' } as const;

export function Conditions({ conditions }: { conditions: readonly Condition[] }) {
  return (
    <ul className="conditions">
      {conditions.map((condition) => (
        <li key={condition.type}>
          <div className="condition-head">
            <span>{conditionNames[condition.type]}</span>
            <span className={`badge badge-${tones[condition.status]}`}>
              <span className="badge-dot" aria-hidden="true" />
              {answers[condition.status]}
            </span>
          </div>
          <p className="condition-text">
            <code>{condition.reason}</code> {condition.message}
          </p>
        </li>
      ))}
    </ul>
  );
}
