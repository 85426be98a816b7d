/** What the access control lists of an agent (`--acls`) allow whoever asks, by Mesos's names. */
import type { IncomingMessage } from 'node:http';
import { type Acls, type Action, type Subject, authorize } from '../../../shared/mesos/acls.ts';
import type { CommandInfo } from '../../../shared/mesos/v1.ts';
import { type ContainerId, pathOf } from '../nested/container-id.ts';
import type { AgentState, HeldTask } from '../state.ts';
import { type ExecutorView, type FrameworkView, frameworksOf, ownerOf } from './view.ts';

/** What is done to a container: the action for one that is nested, and for one that stands alone (null: is not done to those). */
const DEEDS = {
  LAUNCH: ['launch_nested_containers_under_parent_with_user', 'launch_standalone_containers'],
  SESSION: ['launch_nested_container_sessions_under_parent_with_user', null],
  WAIT: ['wait_nested_containers', 'wait_standalone_containers'],
  KILL: ['kill_nested_containers', 'kill_standalone_containers'],
  REMOVE: ['remove_nested_containers', 'remove_standalone_containers'],
  OUTPUT: ['attach_containers_output', null],
  INPUT: ['attach_containers_input', null],
} as const satisfies Readonly<Record<string, readonly [Action, Action | null]>>;
export type Deed = keyof typeof DEEDS;

/** A command has a user of its own, which takes another permission. */
const AS_USER: Partial<Record<Deed, Action>> = {
  LAUNCH: 'launch_nested_containers_as_user',
  SESSION: 'launch_nested_container_sessions_as_user',
};

/** Who may do what, asked anew with each request. */
export type AccessOf = (request: IncomingMessage) => Access;

/** One who asks. */
export class Access {
  private readonly acls: Acls | undefined;
  private readonly subject: Subject | undefined;

  constructor(acls: Acls | undefined, subject: Subject | undefined) {
    this.acls = acls;
    this.subject = subject;
  }

  /** An executor, which is known by its token, may do nothing but look after its own containers. */
  may(action: Action, object?: string): boolean {
    const { subject } = this;
    if (subject && 'claims' in subject) return false;
    return authorize(this.acls, subject?.principal, action, object);
  }

  /** What runs and ran on an agent, without what is hidden from this one: tasks with their executors, executors with their frameworks. */
  viewOf(state: AgentState): FrameworkView[] {
    return frameworksOf(state)
      .filter(({ info }) => this.may('view_frameworks', info?.user))
      .map((framework) => ({
        ...framework,
        executors: framework.executors
          .filter(({ user }) => this.may('view_executors', user))
          .map((view) => this.tasksOf(view, framework.info?.user)),
      }));
  }

  /** Whether this may be done to a container that is named by its path. @param command what is to run in it */
  mayTouch(state: AgentState, deed: Deed, id: ContainerId, command?: CommandInfo): boolean {
    const [nested, alone] = DEEDS[deed];
    if (!id.parent && alone !== null) return this.may(alone);
    const owner = ownerOf(state, pathOf(id));
    const { subject } = this;
    if (subject && 'claims' in subject) {
      const { cid } = subject.claims;
      return deed !== 'INPUT' && cid !== undefined && owner?.container === cid;
    }
    const asUser = AS_USER[deed];
    // Mesos takes the name of a container of which it knows no user for one.
    const unknown = asUser === undefined ? id.value : undefined;
    return (
      this.may(nested, owner ? owner.user : unknown) &&
      (asUser === undefined || !owner || this.may(asUser, command?.user))
    );
  }

  private tasksOf(view: ExecutorView, frameworkUser: string | undefined): ExecutorView {
    const seen = (list: readonly HeldTask[]): HeldTask[] =>
      list.filter(({ task }) =>
        this.may('view_tasks', task.command?.user ?? task.executor?.command?.user ?? frameworkUser),
      );
    return {
      ...view,
      queued: seen(view.queued),
      launched: seen(view.launched),
      terminated: seen(view.terminated),
      completed: seen(view.completed),
    };
  }
}
