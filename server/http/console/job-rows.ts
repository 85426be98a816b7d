import type { JobRowView } from '../../../shared/api/views.ts';
import type { JobKey } from '../../../shared/ids.ts';
import type { JobRow } from '../../scheduler/rows.ts';
import type { World } from '../../scheduler/world.ts';
import type { ConsoleContext } from './context.ts';
import { jobRowView } from './views/job.ts';

/** The list of jobs, each row made once and kept until something happens to its job. The one reader of `world.touchedJobs`. */
export class JobRows {
  private readonly context: ConsoleContext;
  private readonly rows = new Map<JobKey, JobRowView>();
  private readonly listeners = new Set<(touched: readonly JobKey[]) => void>();
  private world: World;

  constructor(context: ConsoleContext) {
    this.context = context;
    this.world = context.scheduler();
    context.onCommitted(() => this.take());
  }

  /** Called after each commit with the jobs that it touched, which may be none. */
  onTouched(listener: (touched: readonly JobKey[]) => void): void {
    this.listeners.add(listener);
  }

  /** The row of a job as it is now. */
  of(job: JobRow): JobRowView {
    this.follow();
    let row = this.rows.get(job.key);
    if (!row) this.rows.set(job.key, (row = jobRowView(this.world, job)));
    return row;
  }

  all(): JobRowView[] {
    this.follow();
    return [...this.world.jobs.values()].map((job) => this.of(job));
  }

  private take(): void {
    this.follow();
    const touched = [...this.world.touchedJobs];
    this.world.touchedJobs.clear();
    for (const key of touched) this.rows.delete(key);
    for (const listener of this.listeners) listener(touched);
  }

  /** After a full disk the engine goes on with a world read back from the journal. */
  private follow(): void {
    const world = this.context.scheduler();
    if (world === this.world) return;
    this.world = world;
    this.rows.clear();
  }
}
