import type { EtcdClient } from '@app/etcd';
import { decodeResource, keys, parseKey, type ResourcePage, type ResourceQuery } from '@app/resources';

/** A page of resources in the order of their names, as etcd has them now. Records that do not decode are left out, so a page may be shorter than asked for. */
export async function pageOfEtcd(
  etcd: Pick<EtcdClient, 'range'>,
  { prefix = '', nodeId, after, limit }: ResourceQuery,
): Promise<ResourcePage> {
  const root = nodeId === undefined ? keys.resources : keys.assignments(nodeId);
  const target = { prefix: root + prefix, ...(after === undefined ? {} : { after: root + after }) };
  const { entries, more, revision } = await etcd.range(target, { limit });
  const all = await etcd.range({ prefix: root + prefix }, { countOnly: true, revision });
  const foreign = await electionKeys(etcd, root, prefix, revision);
  const resources = entries.flatMap(({ key, value, modRevision }) => {
    const parsed = parseKey(key);
    const record = decodeResource(value);
    if (record === undefined || (parsed?.kind !== 'resource' && parsed?.kind !== 'assignment')) return [];
    return record.name === parsed.name ? [{ record, modRevision, epoch: modRevision }] : [];
  });
  return {
    resources,
    next: more ? entries.at(-1)?.key.slice(root.length) : undefined,
    total: all.count - foreign,
  };
}

/** By default the candidates' keys stand among the records. */
async function electionKeys(
  etcd: Pick<EtcdClient, 'range'>,
  root: string,
  prefix: string,
  revision: bigint,
): Promise<number> {
  if (root !== keys.resources || !'election/'.startsWith(prefix)) return 0;
  return (await etcd.range({ prefix: `${root}election/` }, { countOnly: true, revision })).count;
}
