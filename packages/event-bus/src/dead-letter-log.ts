import { deadLetterTopic } from '@camplane/contracts/dead-letter';

/** A dead letter that fails is only logged: a dead letter of a dead letter could repeat without end. */
export function deadLetterLogMessage(topic: string): string {
  return topic === deadLetterTopic.name
    ? 'dead letter failed, dropping it'
    : 'message failed, sending it to the dead-letter topic';
}
