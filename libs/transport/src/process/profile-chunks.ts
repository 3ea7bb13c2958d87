import { OrbweaverError } from '@app/errors';
import { takeProfile, type ProfileKind } from '@app/observability';
import type { process as proto, worker } from '@app/proto';

/** A profile in pieces, the first of which names the file: `cpu-20261122T145226Z.pb.gz`. */
export async function* profileChunks(
  request: proto.ProfileRequest,
  signal: AbortSignal,
): AsyncGenerator<worker.ExportChunk> {
  const kind = kindOf(request.kind);
  const seconds = request.seconds === 0 ? DEFAULT_SECONDS : request.seconds;
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const profile = Buffer.from(await takeProfile(kind, seconds, signal));
  // Whoever asked has gone, or this process ends: a part of a profile is none.
  if (signal.aborted) return;
  const named = { contentType: 'application/octet-stream', fileName: `${kind}-${time}.pb.gz` };
  yield { ...named, data: profile.subarray(0, CHUNK_BYTES) };
  for (let at = CHUNK_BYTES; at < profile.length; at += CHUNK_BYTES) {
    yield { contentType: '', fileName: '', data: profile.subarray(at, at + CHUNK_BYTES) };
  }
}

const DEFAULT_SECONDS = 10;
const CHUNK_BYTES = 256 * 1024;

function kindOf(text: string): ProfileKind {
  if (text === '' || text === 'cpu') return 'cpu';
  if (text === 'heap') return 'heap';
  throw new OrbweaverError('INVALID_ARGUMENT', `no profile ${JSON.stringify(text)}: cpu or heap`);
}
