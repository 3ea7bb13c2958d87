import type { EtcdClient } from '@app/etcd';
import { followService, type ServiceChange, type ServiceRecord } from '@app/registry';
import type { NodeRef } from '@app/resources';
import { Latest } from '../leadership/latest.js';
import { pause } from '../leadership/pause.js';

/** The registered nodes of one service, as the registry tells them. */
export class ServiceNodes {
  /** Whether the registry has been read once. */
  readonly loaded = new Latest(false);
  private readonly nodes = new Map<string, NodeRef>();
  private readonly listeners = new Set<(difference: NodesDifference) => void>();

  constructor(
    private readonly etcd: EtcdClient,
    private readonly service: string,
    private readonly observer: NodesObserver = {},
  ) {}

  all(): NodeRef[] {
    return [...this.nodes.values()];
  }

  get(id: string): NodeRef | undefined {
    return this.nodes.get(id);
  }

  onChange(listener: (difference: NodesDifference) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const update of followService(this.etcd, this.service, signal)) {
          if (update.kind === 'snapshot') this.replace(update.services);
          else if (update.kind === 'change') this.change(update.change);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.observer.failed?.(error);
      }
      await pause(RETRY_MS, signal);
    }
  }

  private replace(services: readonly ServiceRecord[]): void {
    const present = new Map(services.flatMap(nodesOf).map((node) => [node.id, node]));
    const gone = this.all().filter(({ id }) => !present.has(id));
    this.differ([...present.values()], gone);
    this.loaded.set(true);
  }

  private change(change: ServiceChange): void {
    this.observer.told?.(change);
    const nodes = nodesOf(change.service);
    if (change.action === 'delete') this.differ([], nodes);
    else this.differ(nodes, []);
  }

  private differ(present: readonly NodeRef[], absent: readonly NodeRef[]): void {
    const joined = present.filter(({ id }) => !this.nodes.has(id));
    const changed = present.filter(({ id, address }) => (this.nodes.get(id)?.address ?? address) !== address);
    const gone = absent.filter(({ id }) => this.nodes.delete(id));
    for (const node of present) this.nodes.set(node.id, node);
    const difference = { joined, changed, gone };
    this.observer.differed?.(difference);
    for (const listener of this.listeners) listener(difference);
  }
}

export interface NodesDifference {
  readonly joined: readonly NodeRef[];
  /** Under another address than before. */
  readonly changed: readonly NodeRef[];
  readonly gone: readonly NodeRef[];
}

export interface NodesObserver {
  /** One event of the registry, before what follows from it. */
  told?(change: ServiceChange): void;
  differed?(difference: NodesDifference): void;
  failed?(error: unknown): void;
}

const RETRY_MS = 500;

function nodesOf(service: ServiceRecord): NodeRef[] {
  return (service.nodes ?? []).map(({ id, address }) => ({ id, address }));
}
