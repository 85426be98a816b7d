import type { ContainerReport, Containerizer, Run } from '../containerizer.ts';
import { waitStatus } from '../executors/wait-status.ts';
import type { Preparation } from '../prepare.ts';
import type { AgentState, AloneEnd, HeldAlone } from '../state.ts';

/** As many as are known at a time, over ones among them. */
const KNOWN_MAX = 256;
const [SIGKILL, SIGTERM] = [9, 15];
/** Longer than anybody waits: a container that was asked to end is not made to. */
const NEVER_MS = 2 ** 31 - 1;

export type AloneLaunch = Omit<HeldAlone, 'end'>;

interface Parts {
  readonly state: AgentState;
  readonly containerizer: Pick<Containerizer, 'launch' | 'kill' | 'remove'>;
  /** Absent where nothing really runs. */
  readonly preparation: Preparation | undefined;
}

/** Containers that are started through the API and belong to no task. They outlive the agent, as Mesos's do, and stay known until somebody removes them. */
export class AloneContainers {
  private readonly parts: Parts;
  private readonly starting = new Map<string, (report: ContainerReport) => void>();
  private readonly waiting = new Map<string, ((end: AloneEnd) => void)[]>();

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** @returns false: it is there already @throws Error (rejects) with why it is not started */
  async launch(launch: AloneLaunch): Promise<boolean> {
    const { state, containerizer, preparation } = this.parts;
    const { id } = launch;
    if (state.alone.has(id) || this.isOfTask(id)) return false;
    this.makeRoom();
    const run = runOf(launch);
    state.setAlone(launch);
    try {
      const prepared = preparation ? await preparation.of(run, new AbortController().signal) : run;
      const report = new Promise<ContainerReport>((resolve) => this.starting.set(id, resolve));
      containerizer.launch(prepared);
      const { state: how, reason, message } = await report;
      if (how === 'TASK_FAILED' && reason === 'REASON_CONTAINER_LAUNCH_FAILED')
        throw new Error(message ?? 'it did not start');
    } catch (error) {
      await this.forget(id);
      throw error;
    }
    return true;
  }

  /** Of an earlier life of the agent. @param found whether anything of it is still there */
  takeOver(held: HeldAlone, found: boolean): void {
    if (held.end) return;
    const { containerizer, preparation } = this.parts;
    const run = runOf(held);
    if (found) containerizer.launch(preparation?.placed(run) ?? run);
    else this.ended(held.id, { exit_status: waitStatus(undefined) });
  }

  /** What its container says; false: it is none of these. */
  report(report: ContainerReport): boolean {
    const held = this.parts.state.alone.get(report.id);
    if (!held) return false;
    if (report.state === 'TASK_STARTING') return true;
    this.starting.get(report.id)?.(report);
    this.starting.delete(report.id);
    if (report.state === 'TASK_RUNNING') return true;
    const { reason, message } = report;
    // Mesos gives a reason where it was not the command that ended: its memory was too small.
    this.ended(report.id, {
      exit_status: waitStatus(report.exit),
      ...(reason === undefined ? {} : { reason, ...(message === undefined ? {} : { message }) }),
    });
    return true;
  }

  /** How it ended, when it has; undefined: it is not known. */
  wait(id: string): Promise<AloneEnd> | undefined {
    const held = this.parts.state.alone.get(id);
    if (!held) return undefined;
    const { end } = held;
    if (end) return Promise.resolve(end);
    return new Promise((resolve) => this.waiting.set(id, [...(this.waiting.get(id) ?? []), resolve]));
  }

  /** @returns false: there is nothing of it to be ended @throws Error for signals that do not end it */
  kill(id: string, signal: number = SIGKILL): boolean {
    const held = this.parts.state.alone.get(id);
    if (!held || held.end) return false;
    if (signal !== SIGKILL && signal !== SIGTERM)
      throw new Error(
        `Containers that stand alone are sent ${SIGTERM} (SIGTERM) and ${SIGKILL} (SIGKILL) here`,
      );
    this.parts.containerizer.kill(id, signal === SIGKILL ? 0 : NEVER_MS);
    return true;
  }

  /** Forgets one that is over, with its sandbox. @returns false: it is not over */
  async remove(id: string): Promise<boolean> {
    const held = this.parts.state.alone.get(id);
    if (held && !held.end) return false;
    if (held) await this.forget(id);
    return true;
  }

  killAll(): void {
    for (const id of this.parts.state.alone.keys()) this.kill(id);
  }

  private ended(id: string, end: AloneEnd): void {
    const { state } = this.parts;
    const held = state.alone.get(id);
    if (!held || held.end) return;
    state.setAlone({ ...held, end });
    for (const tell of this.waiting.get(id) ?? []) tell(end);
    this.waiting.delete(id);
  }

  private async forget(id: string): Promise<void> {
    const { state, containerizer, preparation } = this.parts;
    state.removeAlone(id);
    await containerizer.remove(id);
    preparation?.remove(id);
  }

  private isOfTask(id: string): boolean {
    const { tasks, executors, ended } = this.parts.state;
    return [...tasks.values(), ...executors.values(), ...ended].some(({ container }) => container === id);
  }

  private makeRoom(): void {
    const { alone } = this.parts.state;
    if (alone.size < KNOWN_MAX) return;
    const oldest = [...alone.values()].find(({ end }) => end);
    if (!oldest)
      throw new Error(`No more than ${KNOWN_MAX} containers that stand alone run at a time on this agent`);
    void this.forget(oldest.id);
  }
}

/** In the clothes of a task: what runs containers knows nothing else. */
function runOf({ id, command, container, resources, limits }: AloneLaunch): Run {
  return {
    id,
    task: {
      name: id,
      task_id: { value: id },
      agent_id: { value: '' },
      resources,
      command,
      ...(container ? { container } : {}),
      ...(limits ? { limits } : {}),
    },
  };
}
