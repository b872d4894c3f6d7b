import { createHash } from 'node:crypto';

/**
 * The replicas for a camera, the best first, by rendezvous hashing (Thaler and Ravishankar, "Using name-based mappings
 * to increase hit rates", 1998). Every control-api with the same list ranks alike, and adding or removing a replica
 * changes the best one only for the cameras of that replica.
 *
 * @param replicas distinct, in any order
 */
export function rankReplicas(cameraId: string, replicas: readonly string[]): string[] {
  const weightOf = (replica: string): string =>
    createHash('sha256').update(`${cameraId}\n${replica}`).digest('hex');
  return replicas
    .map((replica) => ({ replica, weight: weightOf(replica) }))
    .sort((a, b) => (a.weight < b.weight ? 1 : -1))
    .map(({ replica }) => replica);
}
