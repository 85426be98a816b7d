import type { Readable } from 'node:stream';
import type { CommandInfo } from '../../../shared/mesos/v1.ts';
import type { Beside, Containerizer, Terminal } from '../containerizer.ts';
import { waitStatus } from '../executors/wait-status.ts';
import type { AgentState } from '../state.ts';
import { isOver } from '../statuses.ts';
import { type ContainerId, dotted, pathOf } from './container-id.ts';
import { Output } from './output.ts';

/** As many as are known at a time, over ones among them: who waits for one may come late. */
const KNOWN_MAX = 256;
const CLOSE_MS_MAX = 2_000;
const SIGKILL = 9;

/** A command that runs, or ran, beside a task. */
interface Nested {
  /** Its ids, from that of `root` in. */
  readonly path: readonly string[];
  /** The container it runs in: that of a task, or of an executor. */
  readonly root: string;
  readonly started: Promise<Beside>;
  readonly output: Promise<Output>;
  /** The word of wait(2). */
  readonly ended: Promise<number>;
  over: boolean;
  /** Somebody writes to it. */
  fed: boolean;
}

/**
 * Containers that are started through the API, inside of one that runs. They are known by their path below that one, end with it and with the agent, and nothing of
 * them is kept for another life: what is left of them then is ended by the containerizers.
 */
export class NestedContainers {
  private readonly state: AgentState;
  private readonly containerizer: Pick<Containerizer, 'beside'>;
  private readonly known = new Map<string, Nested>();

  constructor(state: AgentState, containerizer: Pick<Containerizer, 'beside'>) {
    this.state = state;
    this.containerizer = containerizer;
  }

  /** @returns false: it is there already @throws Error (rejects) with why it is not started */
  async launch(id: ContainerId, command: CommandInfo, terminal: Terminal | undefined): Promise<boolean> {
    const key = this.keyOf(id);
    if (this.known.has(key)) return false;
    const root = this.rootOf(id);
    this.makeRoom();
    const started = this.containerizer.beside(root, command, terminal);
    const nested: Nested = {
      path: key.split('.'),
      root,
      started,
      output: started.then(({ output }) => new Output(output)),
      ended: started.then(({ ended }) => ended).then(waitStatus),
      over: false,
      fed: false,
    };
    nested.ended.then(
      () => (nested.over = true),
      () => undefined,
    );
    nested.output.catch(() => undefined);
    this.known.set(key, nested);
    try {
      await started;
    } catch (error) {
      this.known.delete(key);
      throw error;
    }
    return true;
  }

  /** Its word of wait(2), when it has ended; undefined: it is not known. */
  wait(id: ContainerId): Promise<number> | undefined {
    return this.find(id)?.ended;
  }

  /** @returns false: there is nothing of it to be ended */
  kill(id: ContainerId, signal: number = SIGKILL): boolean {
    const nested = this.find(id);
    if (!nested || nested.over) return false;
    signalTo(nested, signal);
    return true;
  }

  /** Forgets one that is over. @returns false: it is not over */
  remove(id: ContainerId): boolean {
    const nested = this.find(id);
    if (nested && !nested.over) return false;
    this.known.delete(this.keyOf(id));
    return true;
  }

  /** What it writes; undefined: it is not known. */
  async read(id: ContainerId): Promise<Readable | undefined> {
    return (await this.find(id)?.output)?.read();
  }

  /** One at a time writes to a container. @returns undefined: it is not known */
  async feed(id: ContainerId): Promise<Feed | 'occupied' | undefined> {
    const nested = this.find(id);
    if (!nested) return undefined;
    if (nested.fed) return 'occupied';
    nested.fed = true;
    const beside = await nested.started;
    return { beside, ended: nested.ended, close: () => (nested.fed = false) };
  }

  /** Those that run in one of these containers: their ids, from that container's in. */
  within(containers: readonly string[]): (readonly string[])[] {
    return [...this.known.values()]
      .filter(({ over, root }) => !over && containers.includes(root))
      .map(({ path }) => path);
  }

  /** The container of a task or of an executor, if that is what is named. */
  realNamed({ value }: ContainerId): string | undefined {
    return this.isReal(value) ? value : undefined;
  }

  /** A container is over, and so is what ran beside it. */
  endWith(root: string): void {
    for (const [key, nested] of this.known) {
      if (nested.root !== root) continue;
      this.known.delete(key);
      if (!nested.over) signalTo(nested, SIGKILL);
    }
  }

  /** Resolves when they have ended, or are not going to. */
  async close(): Promise<void> {
    const left = [...this.known.values()].filter(({ over }) => !over);
    for (const nested of left) signalTo(nested, SIGKILL);
    const late = new Promise((resolve) => setTimeout(resolve, CLOSE_MS_MAX).unref());
    await Promise.race([Promise.allSettled(left.map(({ ended }) => ended)), late]);
  }

  private find(id: ContainerId): Nested | undefined {
    return this.known.get(this.keyOf(id));
  }

  /** Whoever names a task in a group may name its executor before it, or leave it out. */
  private keyOf(id: ContainerId): string {
    const path = pathOf(id);
    const from = path.findLastIndex((value) => this.isReal(value));
    return path.slice(Math.max(0, from)).join('.');
  }

  /** @throws Error with a sentence */
  private rootOf({ parent }: ContainerId): string {
    if (!parent) throw new Error('A nested container has a parent');
    const nested = this.find(parent);
    if (nested && !nested.over) return nested.root;
    if (!nested && this.isReal(parent.value)) return parent.value;
    if ([...this.state.executors.values()].some(({ container }) => container === parent.value))
      throw new Error(`The default executor is a part of the agent: name a task of it, not ${parent.value}`);
    throw new Error(`Parent container ${dotted(parent)} does not exist`);
  }

  /** Whether something that frameworks started runs in it, or something that stands alone. */
  private isReal(container: string): boolean {
    const { tasks, executors, alone } = this.state;
    const standing = alone.get(container);
    return (
      (standing !== undefined && !standing.end) ||
      [...tasks.values()].some((held) => held.container === container && !isOver(held)) ||
      [...executors.values()].some((held) => held.container === container && held.info.type !== 'DEFAULT')
    );
  }

  private makeRoom(): void {
    if (this.known.size < KNOWN_MAX) return;
    const oldest = [...this.known].find(([, { over }]) => over);
    if (!oldest) throw new Error(`No more than ${KNOWN_MAX} nested containers run at a time on this agent`);
    this.known.delete(oldest[0]);
  }
}

export interface Feed {
  readonly beside: Beside;
  readonly ended: Promise<number>;
  close(): void;
}

/** Also to one that is just being started. */
function signalTo({ started }: Nested, signal: number): void {
  void started.then(
    (beside) => beside.signal(signal),
    () => undefined,
  );
}
