/**
 * A server and its agents in one process and one stream of chance: messages are lost, repeated and delayed, agents crash and come back, the server is killed and
 * recovers from its journal, and an operator keeps changing things. After every step all invariants are asked; after the faults end, everything must come to
 * rest as it was wanted. A seed is a whole history: the same seed gives the same run.
 */
import type { AgentCall, AgentEvent } from '../../shared/mesos/agent.ts';
import type { Command } from '../../shared/command.ts';
import type { JobKey } from '../../shared/ids.ts';
import type { Call } from '../../shared/mesos/scheduler.ts';
import { toMesos } from '../../shared/resources.ts';
import { ASSIGNED_STATUSES } from '../../shared/task-states.ts';
import { Agent } from '../../server/agent/agent.ts';
import type { MasterLinkHandler } from '../../server/agent/master-link.ts';
import { SimulatedContainerizer, type Behaviour } from '../../server/agent/simulated/simulated.ts';
import { memoryState, type AgentState } from '../../server/agent/state.ts';
import { startCore, type Core } from '../../server/core.ts';
import type { Clock } from '../../server/engine/clock.ts';
import { recover } from '../../server/engine/recover.ts';
import type { Connection } from '../../server/master/facts.ts';
import { MASTER_LIMITS } from '../../server/master/facts.ts';
import { checkMaster } from '../../server/master/invariants.ts';
import { emptyMaster } from '../../server/master/world.ts';
import { seededRandom, type Random } from '../../server/random.ts';
import { saveWorld } from '../../server/scheduler/checkpoint.ts';
import { LIMITS, type Limits } from '../../server/scheduler/facts.ts';
import { check } from '../../server/scheduler/invariants.ts';
import type { Batch } from '../../server/store/journal.ts';
import { job } from '../support/jobs.ts';
import { MemoryJournal } from '../support/memory-journal.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A bug planted on purpose: the simulator must notice each of them. */
export interface Sabotage {
  batch?(batch: Batch): Batch;
  calls?(calls: readonly Call[]): readonly Call[];
  agentEvent?(event: AgentEvent): AgentEvent | null;
  agentCall?(call: AgentCall): AgentCall | null;
  readonly limits?: Partial<Limits>;
  /** Agents forget what they run when they crash. */
  readonly agentsForget?: boolean;
  /** Agents launch whatever they are told, as often as they are told. */
  readonly agentsRepeat?: boolean;
}

const FAULTY_MS = 6 * 60_000;
const HEALING_MS = 25 * 60_000;
const STEP_MS = 1_000;
const AGENTS = 4;
/** Every so many steps the journal is replayed and compared with the living world. */
const REPLAY_EVERY = 40;

interface Machine {
  readonly name: string;
  state: AgentState;
  readonly containers: SimulatedContainerizer;
  agent: Agent | null;
  handler: MasterLinkHandler | null;
  subscribe: (() => AgentCall) | null;
  connection: Connection | null;
  connections: number;
  /** Containers so far. */
  ids: number;
}

/** Runs one seed. The result is empty when nothing was wrong; else what was, in words. */
export async function simulate(seed: number, sabotage: Sabotage = {}): Promise<string[]> {
  return new Simulation(seed, sabotage).run();
}

class Simulation {
  private readonly clock = new VirtualClock();
  private readonly random: Random;
  private readonly journal = new MemoryJournal();
  private readonly machines: Machine[] = [];
  private readonly sabotage: Sabotage;
  private readonly limits: Limits;
  private readonly launched = new Map<string, string>();
  private life = { dead: false };
  private core: Core;
  private faulty = true;
  private steps = 0;
  private readonly wrong: string[] = [];

  constructor(seed: number, sabotage: Sabotage) {
    this.random = seededRandom(seed);
    this.sabotage = sabotage;
    this.limits = { ...LIMITS, ...sabotage.limits };
    this.core = this.startServer();
  }

  async run(): Promise<string[]> {
    for (let at = 0; at < AGENTS; at++) this.machines.push(this.newMachine(`m${at}`));
    for (const machine of this.machines) this.startAgent(machine);
    for (let ms = 0; ms < FAULTY_MS && this.wrong.length === 0; ms += STEP_MS) {
      this.operate();
      this.disturb();
      await this.clock.advance(STEP_MS, () => this.checkStep());
    }
    this.faulty = false;
    for (const machine of this.machines) if (!machine.agent) this.startAgent(machine);
    for (let ms = 0; ms < HEALING_MS && this.wrong.length === 0; ms += 10_000)
      await this.clock.advance(10_000, () => this.checkStep());
    if (this.wrong.length === 0) this.checkRest();
    return this.wrong;
  }

  // The operator ----------------------------------------------------------------------------------------------------------------

  private operate(): void {
    const dice = this.random.stream('operator');
    if (dice.fraction() > 0.12) return;
    const key = `sim/prod/job${dice.below(3)}` as JobKey;
    const command = this.randomCommand(key);
    void this.core.engine.command(command, { user: 'sim', from: 'test' });
  }

  private randomCommand(key: JobKey): Command {
    const dice = this.random.stream('operator');
    const kind = dice.below(10);
    if (kind < 5) {
      const strategy =
        dice.below(2) === 0
          ? ({ kind: 'queue', groupSize: 1 + dice.below(3) } as const)
          : ({ kind: 'batch', groupSize: 2, autopauseAfterBatch: false } as const);
      const bad = dice.below(4) === 0;
      const task = {
        command: { kind: 'shell', line: `version ${dice.below(1000)}` },
        env: bad ? { FAIL: '1' } : {},
        ports: dice.below(2) === 0 ? ['http'] : [],
        cpu: 0.5,
      } as const;
      return {
        kind: 'job.submit',
        job: job(key, 1 + dice.below(6), task, { strategy, watchSecs: dice.below(10) }),
      };
    }
    if (kind === 5) return { kind: 'job.scale', key, instances: 1 + dice.below(6) };
    if (kind === 6) return { kind: 'job.restart', key, ...(dice.below(2) === 0 ? { now: true } : {}) };
    if (kind === 7)
      return { kind: 'job.kill', key, ...(dice.below(2) === 0 ? {} : { only: [[0, 1]] as const }) };
    const commands = ['pause', 'resume', 'abort', 'rollback'] as const;
    return { kind: 'update.command', command: commands[dice.below(4)] ?? 'resume', key };
  }

  // Faults ----------------------------------------------------------------------------------------------------------------------

  private disturb(): void {
    const dice = this.random.stream('faults');
    if (dice.fraction() < 0.01) this.crashServer();
    const machine = this.machines[dice.below(AGENTS)];
    if (!machine || dice.fraction() > 0.03) return;
    if (machine.agent) this.crashAgent(machine);
    else this.startAgent(machine);
  }

  /** Nothing of it is left but the journal: whatever it still had to do is never done. */
  private crashServer(): void {
    this.life.dead = true;
    this.life = { dead: false };
    this.core = this.startServer();
    for (const machine of this.machines) this.lose(machine);
  }

  private startServer(): Core {
    const journal = this.journal.open();
    const { sabotage } = this;
    const append = (batch: Batch): ReturnType<MemoryJournal['append']> =>
      MemoryJournal.prototype.append.call(journal, sabotage.batch?.(batch) ?? batch);
    journal.append = append;
    return startCore({
      journal,
      clock: mortalClock(this.clock, this.life),
      random: this.random,
      limits: this.limits,
      masterLimits: MASTER_LIMITS,
      fatal: (error) => void this.wrong.push(`the engine died: ${String(error)}`),
      ...(sabotage.calls
        ? { filterCalls: (calls: readonly Call[]) => sabotage.calls?.(calls) ?? calls }
        : {}),
    });
  }

  private crashAgent(machine: Machine): void {
    machine.agent = null;
    machine.containers.host = { onReport: () => undefined, log: () => undefined };
    if (this.sabotage.agentsForget === true) {
      // With its key it forgets which containers are its own.
      machine.state = memoryState();
      machine.containers.recover = () => Promise.resolve(new Set());
    }
    this.lose(machine);
    machine.handler = null;
  }

  private lose(machine: Machine): void {
    const { connection, handler } = machine;
    machine.connection = null;
    if (connection !== null) this.core.agents.closed(connection);
    handler?.onDown();
    this.clock.at(this.clock.now() + 500 + this.random.stream('reconnect').below(3000), () =>
      this.connect(machine),
    );
  }

  // Machines and their network --------------------------------------------------------------------------------------------------

  private newMachine(name: string): Machine {
    const dice = this.random.stream(`machine ${name}`);
    const behaviour: Behaviour = {
      startMs: (info) => {
        this.noteLaunch(name, info.task_id.value);
        return 200 + dice.below(3000);
      },
      end: (info) => {
        if (info.command?.environment?.variables?.some((variable) => variable.name === 'FAIL'))
          return { afterMs: 300, exit: 1 };
        return this.faulty && dice.fraction() < 0.05 ? { afterMs: 5000 + dice.below(20_000), exit: 1 } : null;
      },
      stopMs: () => 100 + dice.below(2000),
    };
    const nobody = { onReport: () => undefined, log: () => undefined };
    return {
      name,
      state: memoryState(),
      containers: new SimulatedContainerizer(behaviour, this.clock, nobody),
      agent: null,
      handler: null,
      subscribe: null,
      connection: null,
      connections: 0,
      ids: 0,
    };
  }

  /** At most one container per task id, ever, anywhere. */
  private noteLaunch(machine: string, taskId: string): void {
    const before = this.launched.get(taskId);
    if (before !== undefined)
      this.wrong.push(`task ${taskId} was started on ${before} and again on ${machine}`);
    this.launched.set(taskId, machine);
  }

  private startAgent(machine: Machine): void {
    const agent = new Agent({
      info: {
        hostname: machine.name,
        ip: '127.0.0.1',
        port: 1,
        resources: toMesos({ cpusMilli: 4000, memMb: 4096, diskMb: 4096, gpus: 0, ports: [[31000, 31009]] }),
        attributes: [{ name: 'host', type: 'TEXT', text: { value: machine.name } }],
        containerizer: 'simulated',
        version: 'sim',
      },
      state: machine.state,
      link: {
        start: (subscribe, handler) => {
          machine.subscribe = subscribe;
          machine.handler = handler;
          this.connect(machine);
        },
        send: (call) => this.fromAgent(machine, call),
        close: () => Promise.resolve(),
      },
      clock: this.clock,
      newId: () => `${machine.name}-${++machine.ids}`,
      containerizer: (host) => {
        machine.containers.host = host;
        return machine.containers;
      },
      log: () => undefined,
      refused: (message) => void this.wrong.push(`${machine.name} was refused: ${message}`),
    });
    machine.agent = agent;
    void agent.start();
  }

  private connect(machine: Machine): void {
    const { subscribe, handler } = machine;
    if (!machine.agent || !subscribe || !handler || machine.connection !== null) return;
    const connection = `${machine.name}/${++machine.connections}` as Connection;
    machine.connection = connection;
    this.core.agents.open(connection, {
      send: (event) => this.toAgent(machine, connection, event),
      close: () => machine.connection === connection && this.lose(machine),
    });
    this.core.agents.call(connection, subscribe());
  }

  private toAgent(machine: Machine, connection: Connection, event: AgentEvent): void {
    const altered = this.sabotage.agentEvent ? this.sabotage.agentEvent(event) : event;
    if (altered === null) return;
    this.deliver(`to ${machine.name}`, altered.type !== 'SUBSCRIBED', () => {
      if (machine.connection !== connection || !machine.handler) return;
      if (this.sabotage.agentsRepeat === true && altered.type === 'RUN_TASK') {
        const { task } = altered.run_task;
        machine.containers.launch({ id: `again-${task.task_id.value}`, task });
      }
      machine.handler.onEvent(altered);
    });
  }

  private fromAgent(machine: Machine, call: AgentCall): void {
    const { connection } = machine;
    const altered = this.sabotage.agentCall ? this.sabotage.agentCall(call) : call;
    if (connection === null || altered === null) return;
    this.deliver(`from ${machine.name}`, true, () => {
      if (machine.connection === connection) this.core.agents.call(connection, altered);
    });
  }

  /** Lost, repeated, late; late ones overtake each other. */
  private deliver(stream: string, mayFail: boolean, run: () => void): void {
    const dice = this.random.stream(`net ${stream}`);
    const fate = dice.fraction();
    if (this.faulty && mayFail && fate < 0.05) return;
    const times = this.faulty && mayFail && fate > 0.95 ? 2 : 1;
    for (let at = 0; at < times; at++)
      this.clock.at(this.clock.now() + 1 + (this.faulty ? dice.below(200) : 0), run);
  }

  // Checks ----------------------------------------------------------------------------------------------------------------------

  private checkStep(): void {
    if (this.wrong.length > 0) return;
    this.steps += 1;
    const { world } = this.core.engine;
    if (this.steps % 7 === 0) this.wrong.push(...check(world), ...checkMaster(this.core.master));
    if (this.steps % REPLAY_EVERY === 0) this.checkReplay();
  }

  /** No memory outside of the journal. */
  private checkReplay(): void {
    const replayed = recover(this.journal, () => emptyMaster('replay'));
    const [live, again] = [
      JSON.stringify(saveWorld(this.core.engine.world)),
      JSON.stringify(saveWorld(replayed.scheduler)),
    ];
    if (live !== again) this.wrong.push('the journal does not give the living world');
  }

  /** After the faults: what is wanted runs, what runs is wanted, updates are over or held by the operator. */
  private checkRest(): void {
    this.checkReplay();
    this.checkOffers();
    const { world } = this.core.engine;
    for (const update of world.updates.values()) {
      if (update.status === 'ROLLING_FORWARD' || update.status === 'ROLLING_BACK')
        this.wrong.push(`update ${update.id} of ${update.job} is still ${update.status}`);
      if (update.status === 'ROLLED_BACK') this.checkRolledBack(update.job);
    }
    for (const wanted of world.jobs.values()) {
      if (world.activeUpdateByJob.has(wanted.key) || isBad(world.configs.get(wanted.config))) continue;
      const active = [...(world.activeByJob.get(wanted.key)?.values() ?? [])].map((id) =>
        world.tasks.get(id),
      );
      const running = active.filter(
        (task) => task?.status === 'RUNNING' && !isBad(world.configs.get(task.config)),
      );
      const bad = active.filter((task) => task && isBad(world.configs.get(task.config)));
      const settled = ![...world.updates.values()].some(
        (update) => update.job === wanted.key && (update.status === 'ABORTED' || update.status === 'FAILED'),
      );
      if (settled && bad.length === 0 && running.length !== wanted.instances)
        this.wrong.push(
          `${wanted.key} runs ${running.length} of ${wanted.instances}: ${active.map((task) => task?.status).join(' ')}`,
        );
    }
    const wantedTasks = new Set(
      [...world.tasks.values()]
        .filter((task) => ASSIGNED_STATUSES.has(task.status))
        .map((task) => task.id as string),
    );
    for (const machine of this.machines) {
      const seen = new Set<string>();
      for (const { over, info } of machine.containers.tasks.values()) {
        const id = info.task_id.value;
        if (over) continue;
        if (!wantedTasks.has(id))
          this.wrong.push(`a container of ${id} runs on ${machine.name}, and nobody wants it`);
        if (seen.has(id)) this.wrong.push(`two containers of ${id} run on ${machine.name}`);
        seen.add(id);
      }
    }
  }

  /** The master offers to us while something waits for a place, and only then; and nothing is kept from others. */
  private checkOffers(): void {
    const { pending, expecting } = this.core.engine.world;
    const wanted = pending.size > 0 || expecting.size > 0;
    for (const { offers, suppressed } of this.core.master.frameworks.values()) {
      if (offers.length > 0) this.wrong.push(`${offers.length} offers are held`);
      if (wanted && suppressed.size > 0) this.wrong.push('something waits for a place, and no offers come');
      if (!wanted && suppressed.size === 0) this.wrong.push('offers come, and nothing waits for a place');
    }
  }

  /** Nothing of the configuration that failed is left. */
  private checkRolledBack(key: JobKey): void {
    const { world } = this.core.engine;
    const last = world.updates.get(world.updatesByJob.get(key)?.at(-1) ?? ('' as never));
    if (last?.status !== 'ROLLED_BACK' || !last.desired || last.kind !== 'update') return;
    const before = new Set(last.initial.map(({ config }) => config));
    for (const id of world.activeByJob.get(key)?.values() ?? []) {
      const task = world.tasks.get(id);
      if (
        task?.config === last.desired.config &&
        !before.has(task.config) &&
        world.jobs.get(key)?.config !== task.config
      )
        this.wrong.push(`${key}/${task.instance} still runs what was rolled back`);
    }
  }
}

/** The clock of a process: what it meant to do is not done after its death. */
function mortalClock(clock: VirtualClock, life: { dead: boolean }): Clock {
  const living = (run: () => void) => (): void => {
    if (!life.dead) run();
  };
  return {
    now: () => clock.now(),
    at: (atMs, run) => clock.at(atMs, living(run)),
    soon: (run) => clock.soon(living(run)),
  };
}

function isBad(config: { readonly env: Readonly<Record<string, string>> } | undefined): boolean {
  return config?.env['FAIL'] !== undefined;
}
