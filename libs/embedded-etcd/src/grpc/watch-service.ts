import type { Event, WatchAnswer } from '../watch/watch-stream.js';
import { WatchStream } from '../watch/watch-stream.js';
import { watchRequest, watchResponse, type WatchResponse } from '../proto/messages.js';
import type { StateMachine } from '../replica/state-machine.js';
import { duplex, type Method, type Peer } from './grpc-server.js';

/** Beyond this size an answer is sent in parts to a client that takes parts; etcd's number. */
const FRAGMENT_BYTES = 2 * 1024 * 1024;

/** All watch streams, and the turns of the event loop in which they catch up. */
export class WatchService {
  private readonly streams = new Set<WatchStream>();
  private replaying = false;
  private readonly progressTimer: NodeJS.Timeout;

  constructor(
    private readonly machine: StateMachine,
    progressNotifyIntervalMs: number,
  ) {
    this.progressTimer = setInterval(() => {
      for (const stream of this.streams) stream.notifyProgress();
    }, progressNotifyIntervalMs);
    this.progressTimer.unref();
  }

  methods(): [string, Method][] {
    return [['/etcdserverpb.Watch/Watch', duplex(watchRequest, watchResponse, (peer) => this.open(peer))]];
  }

  stop(): void {
    clearInterval(this.progressTimer);
  }

  private open(
    peer: Peer<WatchResponse>,
  ): ReturnType<Parameters<typeof duplex<WatchRequest, WatchResponse>>[2]> {
    const outlet = {
      get isReady() {
        return peer.isReady;
      },
      send: (answer: WatchAnswer) => this.send(peer, answer),
    };
    const stream = new WatchStream(this.machine.watches, this.machine.store, outlet);
    this.streams.add(stream);
    return {
      onMessage: ({ createRequest, cancelRequest, progressRequest }) => {
        if (createRequest) stream.create(createRequest);
        else if (cancelRequest) stream.cancel(cancelRequest.watchId);
        else if (progressRequest) stream.requestProgress();
        this.replay();
      },
      onReady: () => this.replay(),
      onClose: () => {
        stream.close();
        this.streams.delete(stream);
      },
    };
  }

  /** Catches up in steps, between which others have their turn. */
  private replay(): void {
    if (this.replaying) return;
    this.replaying = true;
    setImmediate(() => {
      this.replaying = false;
      const more = this.machine.watches.replay();
      for (const stream of this.streams) stream.settleProgress();
      if (more) this.replay();
    });
  }

  private send(peer: Peer<WatchResponse>, answer: WatchAnswer): void {
    const header = this.machine.header(answer.revision);
    const { watchId, created, canceled, compactRevision, cancelReason } = answer;
    const parts = answer.inFragments ? fragments(answer.events) : [answer.events];
    // Spelled out: this is done for each watch and each change, and spreading costs as much as all the rest.
    for (const [i, events] of parts.entries()) {
      const fragment = i < parts.length - 1;
      peer.send({ header, watchId, created, canceled, compactRevision, cancelReason, fragment, events });
    }
  }
}

type WatchRequest = ReturnType<typeof watchRequest.decode>;

function fragments(events: readonly Event[]): (readonly Event[])[] {
  const parts: Event[][] = [[]];
  let bytes = 0;
  for (const event of events) {
    const size = sizeOf(event);
    if (bytes > 0 && bytes + size >= FRAGMENT_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(event);
    bytes += size;
  }
  return parts;
}

/** At least what the event takes on the wire. */
function sizeOf({ kv, prevKv }: Event): number {
  const fixed = 128;
  return fixed + kv.key.length + kv.value.length + (prevKv ? prevKv.key.length + prevKv.value.length : 0);
}
