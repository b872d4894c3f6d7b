import { createHash } from 'node:crypto';

/**
 * The member of a group that receives a key: always the same one while the group does not change, so that the order
 * of a key's messages is kept.
 */
export function chooseMember<M>(members: readonly M[], key: string): M | undefined {
  if (members.length <= 1) return members[0];
  return members[createHash('sha1').update(key).digest().readUInt32BE(0) % members.length];
}
