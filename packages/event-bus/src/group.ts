import { createHash } from 'node:crypto';

/**
 * The member of a group that receives a key: the same one as long as the group does not change, which keeps the order of
 * the key's messages.
 */
export function chooseMember<M>(members: readonly M[], key: string): M | undefined {
  if (members.length <= 1) return members[0];
  return members[createHash('sha1').update(key).digest().readUInt32BE(0) % members.length];
}
