/** What somebody may see of this master, by the access control lists: the world without the rest. Pure. */
import type { FrameworkId, TaskId } from '../../shared/ids.ts';
import { type Acls, type Action, authorize } from '../../shared/mesos/acls.ts';
import type { FrameworkInfo } from '../../shared/mesos/v1.ts';
import { QuotaBook } from './allocator/quota.ts';
import { RoleTree } from './allocator/role-tree.ts';
import type { MasterAgent, MasterExecutor, MasterFramework, MasterTask } from './entities.ts';
import type { OperatorNews } from './facts.ts';
import type { MasterWorld } from './world.ts';

const VIEWS: readonly Action[] = [
  'view_frameworks',
  'view_tasks',
  'view_executors',
  'view_roles',
  'view_flags',
  'get_quotas',
  'get_maintenance_schedules',
  'get_maintenance_statuses',
  'get_endpoints',
];

/** Whether everybody may see everything, so that nobody need be asked. */
export function isOpenToAll(acls: Acls | undefined): boolean {
  return !acls || (acls.permissive && !VIEWS.some((action) => acls.rules.has(action)));
}

/** One who looks. */
export class Viewer {
  private readonly acls: Acls | undefined;
  private readonly principal: string | undefined;

  constructor(acls: Acls | undefined, principal: string | undefined) {
    this.acls = acls;
    this.principal = principal;
  }

  readonly seesRole = (role: string): boolean => this.may('view_roles', role);

  may(action: Action, object?: string): boolean {
    return authorize(this.acls, this.principal, action, object);
  }

  /** A copy of the world as far as the lists of it go; what is not hidden is shared. */
  worldOf(world: MasterWorld): MasterWorld {
    const frameworks = new Map<FrameworkId, MasterFramework>();
    for (const [id, framework] of world.frameworks) {
      if (!this.seesFramework(framework.info)) continue;
      const tasks = this.tasksIn(framework.tasks, framework.info);
      frameworks.set(id, { ...framework, tasks });
    }
    const completed = world.completed.frameworks.filter(({ info }) => this.seesFramework(info));
    const over = [...world.completed.tasks].flatMap(([id, tasks]) => {
      const info = frameworks.get(id)?.info;
      return info ? [[id, tasks.filter((task) => this.seesTask(task, info))] as const] : [];
    });
    return {
      ...world,
      seesRole: this.seesRole,
      frameworks,
      tasks: new Map([...frameworks].map(([id, { tasks }]) => [id, tasks])),
      agents: new Map([...world.agents].map(([id, agent]) => [id, this.agentOf(world, agent)])),
      offers: world.offers.only(({ framework }) => frameworks.has(framework)),
      completed: {
        tasks: new Map(over),
        frameworks: completed.map((each) => ({
          ...each,
          tasks: each.tasks.filter((task) => this.seesTask(task, each.info)),
        })),
      },
      ...this.rolesOf(world),
    };
  }

  /** Agents are everybody's. */
  sees(world: MasterWorld, news: OperatorNews): boolean {
    switch (news.type) {
      case 'TASK_ADDED': {
        const info = infoOf(world, news.task.framework);
        return this.seesFramework(info) && this.seesTask(news.task, info);
      }
      case 'TASK_UPDATED': {
        const id = news.framework_id.value as FrameworkId;
        const name = news.status.task_id.value as TaskId;
        // The last of a task may have made it one that is over.
        const over = world.completed.tasks.get(id)?.findLast((each) => each.id === name);
        const task = world.tasks.get(id)?.get(name) ?? over;
        const info = infoOf(world, id);
        return (
          this.seesFramework(info) && (task ? this.seesTask(task, info) : this.may('view_tasks', info?.user))
        );
      }
      case 'FRAMEWORK_ADDED':
      case 'FRAMEWORK_UPDATED':
        return this.seesFramework(news.framework.info);
      case 'FRAMEWORK_REMOVED':
        return this.seesFramework(news.framework_info);
      default:
        return true;
    }
  }

  private seesFramework(info: FrameworkInfo | undefined): boolean {
    return this.may('view_frameworks', info?.user);
  }

  private seesTask({ info: task }: MasterTask, info: FrameworkInfo | undefined): boolean {
    return this.may('view_tasks', task.command?.user ?? task.executor?.command?.user ?? info?.user);
  }

  private seesExecutor(world: MasterWorld, { info, framework }: MasterExecutor): boolean {
    const of = infoOf(world, framework);
    return this.seesFramework(of) && this.may('view_executors', info.command?.user ?? of?.user);
  }

  private tasksIn(tasks: ReadonlyMap<TaskId, MasterTask>, info: FrameworkInfo): Map<TaskId, MasterTask> {
    return new Map([...tasks].filter(([, task]) => this.seesTask(task, info)));
  }

  private agentOf(world: MasterWorld, agent: MasterAgent): MasterAgent {
    if (agent.executors.size === 0) return agent;
    const executors = [...agent.executors].filter(([, executor]) => this.seesExecutor(world, executor));
    return { ...agent, executors: new Map(executors) };
  }

  private rolesOf(world: MasterWorld): Pick<MasterWorld, 'roles' | 'quotas'> {
    const roles = new RoleTree();
    for (const [role, weight] of world.roles.weights)
      if (this.may('view_roles', role)) roles.setWeight(role, weight);
    const quotas = new QuotaBook(roles);
    for (const [role, quota] of world.quotas) if (this.may('get_quotas', role)) quotas.set(role, quota);
    return { roles, quotas };
  }
}

function infoOf(world: MasterWorld, id: FrameworkId): FrameworkInfo | undefined {
  return world.frameworks.get(id)?.info ?? world.knownFrameworks.get(id) ?? undefined;
}
