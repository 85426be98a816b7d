/** The contract of durability. One suite of tests for every engine of it (test/integration/journal.contract.ts). */
import type { Actor, Command } from '../scheduler/facts.ts';
import type { Refusal } from '../../shared/errors.ts';
import type { MasterWrite } from '../master/facts.ts';
import type { Write } from '../scheduler/rows.ts';

/** Who asked for what and what became of it: the audit trail. Refused commands are in it too. */
export interface CommandRecord {
  readonly id: string;
  readonly atMs: number;
  readonly actor: Actor;
  readonly command: Command;
  readonly refused: Refusal | null;
}

/** What one turn of the engine decided: committed as one row, published as one batch. */
export interface Batch {
  readonly atMs: number;
  readonly commands: readonly CommandRecord[];
  readonly scheduler: readonly Write[];
  readonly master: readonly MasterWrite[];
}

export interface Committed extends Batch {
  /** 1, 2, 3, … without a gap. */
  readonly seq: number;
}

export interface Snapshot {
  readonly seq: number;
  /** Encoded worlds, as `saveWorld` of each core gives them. */
  readonly scheduler: unknown;
  readonly master: unknown;
}

export interface Journal {
  /** Number of this opening of the store; higher than any before it. */
  readonly epoch: number;
  /** Last committed sequence, 0 when empty. */
  readonly seq: number;
  /** Durable when it returns (fsynced). Throws StoreFull when nothing was written; any other error means the outcome is unknown. */
  append(batch: Batch): Committed;
  /** Batches after `seq`, oldest first. */
  readFrom(seq: number, limit?: number): Iterable<Committed>;
  snapshot(): Snapshot | null;
  /** Stores a checkpoint of the worlds as of `snapshot.seq`. Batches before it stay readable for history until trimmed. */
  saveSnapshot(snapshot: Snapshot): void;
  /** Commands on a job, newest first. */
  commands(query: { readonly job?: string; readonly limit: number }): CommandRecord[];
  close(): void;
}

export class StoreFull extends Error {
  override readonly name = 'StoreFull';
}
