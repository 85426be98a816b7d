/**
 * What the access control lists (`--acls`) are asked for before an operation of the console API, in Mesos's own words. A job is somebody's to see as its tasks are on the
 * master, and by its role besides; it is theirs to change if they could register a framework for its role and run tasks as its user.
 */
import type { OperationId } from '../../../shared/api/operations.ts';
import type { Command } from '../../../shared/command.ts';
import { DawnError } from '../../../shared/errors.ts';
import { type ConfigId, type JobKey, jobKeyParts } from '../../../shared/ids.ts';
import type { TaskConfig } from '../../../shared/job/config.ts';
import { type Acls, type Action, authorize } from '../../../shared/mesos/acls.ts';
import type { World } from '../../scheduler/world.ts';
import { type Call, keyOf } from './call.ts';
import { findTask, findUpdate } from './find.ts';

interface Parts {
  /** Undefined: everybody may do everything. */
  readonly acls: Acls | undefined;
  /** As whom tasks run that name nobody. */
  readonly frameworkUser: string;
  scheduler(): World;
}

type Deed = readonly [action: Action, object: string];

/** One who asks. */
export class ConsoleAccess {
  private readonly parts: Parts;
  private readonly principal: string | undefined;

  constructor(parts: Parts, principal: string | undefined) {
    this.parts = parts;
    this.principal = principal;
  }

  /** Whom views are to be made for, apart from others; undefined: everybody sees the same. */
  get viewer(): string | undefined {
    return this.parts.acls && (this.principal ?? '');
  }

  /** Whether a job is shown to this one. */
  sees(key: JobKey): boolean {
    return this.denied(this.seeing(key)) === undefined;
  }

  /** @throws DawnError forbidden */
  need(what: string, key: JobKey, deeds: readonly Deed[]): void {
    const denied = this.denied(deeds);
    if (!denied) return;
    const [action, object] = denied;
    throw new DawnError({
      code: 'forbidden',
      message: `${this.principal ?? 'somebody who does not say who they are'} may not ${what} ${key}`,
      hint: `--acls of the cluster do not allow ${action} of ${object}`,
    });
  }

  seeing(key: JobKey): Deed[] {
    return [
      ['view_frameworks', this.parts.frameworkUser],
      ['view_roles', jobKeyParts(key).role],
      ['view_tasks', this.userOf(key)],
    ];
  }

  /** As whom tasks of a job run, or of this config. */
  userOf(key: JobKey, id?: ConfigId): string {
    const world = this.parts.scheduler();
    const config = id ?? world.jobs.get(key)?.config;
    return this.userIn(config === undefined ? undefined : world.configs.get(config));
  }

  userIn(config: TaskConfig | undefined): string {
    const { frameworkUser } = this.parts;
    return config?.container.kind === 'docker' ? (config.container.user ?? frameworkUser) : frameworkUser;
  }

  get world(): World {
    return this.parts.scheduler();
  }

  private denied(deeds: readonly Deed[]): Deed | undefined {
    const { acls } = this.parts;
    return acls && deeds.find(([action, object]) => !authorize(acls, this.principal, action, object));
  }
}

/** Asked before the operation's handler. @throws DawnError forbidden; not_found where what is asked for is not there */
type Rule = (access: ConsoleAccess, call: Call) => void;

/** Of the cluster as a whole, as a master's agents and figures are everybody's. */
const OPEN: Rule = () => undefined;

const seesJob: Rule = (access, call) => see(access, keyOf(call));
const seesTask: Rule = (access, { params }) => see(access, findTask(access.world, params['id'] ?? '').job);
const seesUpdate: Rule = (access, { params }) =>
  see(access, findUpdate(access.world, params['id'] ?? '').job);

/** The handler leaves out what is hidden; a job that is named must not be. */
const SHOWS_WHAT_IS_SEEN: Rule = (access, { query }) => {
  const { job } = query as { job?: JobKey };
  if (job !== undefined) see(access, job);
};

const reads = (access: ConsoleAccess, key: JobKey, config?: ConfigId): void => {
  see(access, key);
  access.need('read what was written by', key, [['access_sandboxes', access.userOf(key, config)]]);
};

const readsTask: Rule = (access, { params }) => {
  const { job, config } = findTask(access.world, params['id'] ?? '');
  reads(access, job, config);
};

/** What it takes to give a command. */
function change(access: ConsoleAccess, command: Pick<Command, 'kind'> & Partial<Command>, key: JobKey): void {
  const roles: Deed = ['register_frameworks', jobKeyParts(key).role];
  const before: Deed = ['run_tasks', access.userOf(key)];
  const after = 'job' in command && command.job ? access.userIn(command.job.task) : undefined;
  const users: Deed[] =
    command.kind === 'job.kill' ? [] : after === undefined ? [before] : [['run_tasks', after]];
  access.need('change', key, [roles, ...users]);
}

const changes =
  (kind: Command['kind']): Rule =>
  (access, call) =>
    change(access, { kind }, keyOf(call));

/** By operation; one without a rule does not compile. */
export const ACCESS: Readonly<Record<OperationId, Rule>> = {
  'cluster.info': OPEN,
  'host.list': OPEN,
  'job.list': SHOWS_WHAT_IS_SEEN,
  'task.list': SHOWS_WHAT_IS_SEEN,
  'update.list': SHOWS_WHAT_IS_SEEN,
  events: SHOWS_WHAT_IS_SEEN,
  'job.status': seesJob,
  'job.history': seesJob,
  'job.why': seesJob,
  'task.status': seesTask,
  'task.why': seesTask,
  'update.status': seesUpdate,
  watch: (access, call) => {
    const { view, key = '', id = '' } = call.query as { view: string; key?: string; id?: string };
    if (view === 'job') see(access, key as JobKey);
    if (view === 'task') see(access, findTask(access.world, id).job);
    if (view === 'update') see(access, findUpdate(access.world, id).job);
  },
  'job.logs': (access, call) => {
    const { tasks, tasksByJob } = access.world;
    reads(access, keyOf(call));
    // Those before its last change may have run as somebody else.
    for (const id of tasksByJob.get(keyOf(call)) ?? []) reads(access, keyOf(call), tasks.get(id)?.config);
  },
  'task.logs': readsTask,
  'task.files': readsTask,
  'job.submit': (access, { body }) => {
    const submit = body as Extract<Command, { kind: 'job.submit' }>;
    change(access, { ...submit, kind: 'job.submit' }, submit.job.key);
  },
  'job.scale': changes('job.scale'),
  'job.restart': changes('job.restart'),
  'job.kill': changes('job.kill'),
  'update.command': changes('update.command'),
  // What a change would do is told to whoever could make it.
  'job.plan': (access, { body }) => {
    const { command } = body as { command: Command };
    change(access, command, command.kind === 'job.submit' ? command.job.key : command.key);
  },
};

function see(access: ConsoleAccess, key: JobKey): void {
  access.need('see', key, access.seeing(key));
}
