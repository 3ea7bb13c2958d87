/**
 * Whether one owner's claim goes before the one that is known. Epochs decide: etcd's revisions only grow. They
 * begin anew with an etcd that lost its data, and the resource, added again there, has a later id.
 */
export function takesOver(
  by: { resourceId: string; epoch: bigint },
  held: { resourceId: string; epoch: bigint },
): boolean {
  if (by.epoch >= held.epoch) return true;
  return DECIMAL.test(by.resourceId) && DECIMAL.test(held.resourceId)
    ? BigInt(by.resourceId) > BigInt(held.resourceId)
    : false;
}

const DECIMAL = /^\d{1,19}$/;
