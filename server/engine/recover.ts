import type { MasterWorld } from '../master/world.ts';
import { apply as applyMaster } from '../master/world.ts';
import { loadMaster, saveMaster } from '../master/checkpoint.ts';
import type { SavedMaster } from '../master/checkpoint.ts';
import { loadWorld, saveWorld } from '../scheduler/checkpoint.ts';
import type { SavedWorld } from '../scheduler/checkpoint.ts';
import type { World } from '../scheduler/world.ts';
import { apply, emptyWorld } from '../scheduler/world.ts';
import type { Journal } from '../store/journal.ts';

/** Batches after which a checkpoint is due: replaying them takes well under a second. */
const BATCHES_PER_CHECKPOINT = 5_000;

export interface Recovered {
  readonly scheduler: World;
  readonly master: MasterWorld;
  /** Batches replayed on top of the checkpoint. */
  readonly replayed: number;
}

/** The worlds as the journal tells them: newest checkpoint, then every batch after it. */
export function recover(journal: Journal, freshMaster: () => MasterWorld): Recovered {
  const snapshot = journal.snapshot();
  const scheduler = snapshot ? loadWorld(snapshot.scheduler as SavedWorld) : emptyWorld();
  const master = snapshot ? loadMaster(snapshot.master as SavedMaster) : freshMaster();
  let replayed = 0;
  for (const batch of journal.readFrom(snapshot?.seq ?? 0)) {
    for (const write of batch.scheduler) apply(scheduler, write);
    for (const write of batch.master) applyMaster(master, write);
    replayed += 1;
  }
  return { scheduler, master, replayed };
}

/** Saves a checkpoint whenever enough batches have passed, and on the way out. */
export class Checkpointer {
  private readonly journal: Journal;
  private savedSeq: number;

  /** @param replayed batches since the newest checkpoint, as `recover` counted them */
  constructor(journal: Journal, replayed: number) {
    this.journal = journal;
    this.savedSeq = journal.seq - replayed;
  }

  /** To be called after each commit; the worlds are as of the journal's last sequence then. */
  afterCommit(scheduler: World, master: MasterWorld): void {
    if (this.journal.seq - this.savedSeq >= BATCHES_PER_CHECKPOINT) this.save(scheduler, master);
  }

  save(scheduler: World, master: MasterWorld): void {
    if (this.journal.seq === this.savedSeq) return;
    this.journal.saveSnapshot({
      seq: this.journal.seq,
      scheduler: saveWorld(scheduler),
      master: saveMaster(master),
    });
    this.savedSeq = this.journal.seq;
  }
}
