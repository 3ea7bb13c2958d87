import { callsFromGo } from './calls.js';
import { electionWithGo } from './election.js';
import { buildGoProgram, describeWithGo } from './go-program.js';
import { recordsWithGo } from './records.js';
import { registryWithGo } from './registry.js';

// One file, so that the program is built once.
const program = await buildGoProgram();

afterAll(async () => {
  if (!('missing' in program)) await program.remove();
});

describeWithGo(program, "Go's concurrency.Election and ours, in one election", electionWithGo);
describeWithGo(program, "go-micro's registry and ours, in one registry", registryWithGo);
describeWithGo(program, 'records that a Go program reads and writes again', recordsWithGo);
describeWithGo(program, "masters that are called by Go's programs", callsFromGo);
