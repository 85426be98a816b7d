import type Docker from 'dockerode';
import type { ContainerReport, ContainerizerHost } from '../containerizer.ts';
import { howCommandEnded, howContainerEnded } from '../how-it-ended.ts';
import { withLastWords } from '../last-words.ts';
import { atMost } from './at-most.ts';
import type { DockerOptions } from './create.ts';
import { sentence, statusOf } from './engine.ts';
import type { Entry } from './entry.ts';
import { lastWordsOfContainer } from './last-words.ts';
import { type Outcome, outcomeOf } from './outcome.ts';

const RETRY_MS = 2_000;
/** An engine that is slow with the output keeps no end from being told for longer. */
const COPY_MS = 2_000;

/** What became of containers, from the engine itself. */
export class Ends {
  private readonly options: DockerOptions;
  private readonly host: ContainerizerHost;
  private readonly closing: AbortSignal;

  constructor(options: DockerOptions, host: ContainerizerHost, closing: AbortSignal) {
    this.options = options;
    this.host = host;
    this.closing = closing;
  }

  /** Tells where it runs, or how it ended; asked again until the engine answers. */
  async inspect(entry: Entry): Promise<void> {
    if (entry.over || entry.ending) return;
    const { id } = entry.run;
    try {
      const { State, NetworkSettings } = await this.options.engine.calls.getContainer(entry.name).inspect();
      if (State.Running)
        return this.host.onReport({ id, state: 'TASK_RUNNING', ...where(State, NetworkSettings) });
      const outcome = outcomeOf(State, entry.killed, howItEnded(entry));
      if (outcome) await this.ended(entry, outcome);
    } catch (error) {
      if (statusOf(error) === 404)
        return this.over(entry, {
          state: entry.killed ? 'TASK_KILLED' : 'TASK_LOST',
          message: 'the container was removed',
          exit: 137,
        });
      this.host.log('the engine did not answer', { container: id, error: sentence(error) });
      setTimeout(() => void this.inspect(entry), RETRY_MS).unref();
    }
  }

  over(entry: Entry, end: Omit<ContainerReport, 'id'>): void {
    // Closed: the next life of the agent finds it and tells it.
    if (entry.over || this.closing.aborted) return;
    entry.over = true;
    entry.cancelKill?.();
    this.host.onReport({ id: entry.run.id, ...end });
  }

  /** Told when its output is in its sandbox, a failure with the task's last words. */
  private async ended(entry: Entry, outcome: Outcome): Promise<void> {
    if (entry.over || entry.ending) return;
    entry.ending = new AbortController();
    if (entry.copied) await atMost(entry.copied, COPY_MS, entry.ending.signal);
    const { state, message, reason } = outcome;
    if (state !== 'TASK_FAILED' || message === undefined || reason !== undefined)
      return this.over(entry, outcome);
    const container = this.options.engine.streams.getContainer(entry.name);
    const words = await lastWordsOfContainer(container, entry.ending.signal);
    this.over(entry, { ...outcome, message: withLastWords(message, words) });
  }
}

/** What brings no image is a command to Mesos. */
function howItEnded({ run }: Entry): (exit: number) => string {
  return run.task.container?.docker ? howContainerEnded : howCommandEnded;
}

/** Process and address of a container. */
export function where(
  { Running, Pid }: Docker.ContainerInspectInfo['State'],
  { Networks }: Docker.ContainerInspectInfo['NetworkSettings'],
): Pick<ContainerReport, 'pid' | 'ip'> {
  const ip = Object.values(Networks)[0]?.IPAddress;
  return { ...(Running ? { pid: Pid } : {}), ...(ip ? { ip } : {}) };
}
