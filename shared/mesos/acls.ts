/**
 * Mesos's access control lists (`--acls`, mesos.ACLs): who may do what to what. Pure: whoever acts asks `authorize`, and refuses or leaves out what is denied.
 */
import { DawnError } from '../errors.ts';

/** `values` names them; `ANY` is everybody, `NONE` nobody. */
export interface Entity {
  readonly type?: 'SOME' | 'ANY' | 'NONE';
  readonly values?: readonly string[];
}

/** Action → the field of its rules that names what is acted on. */
export const OBJECTS = {
  register_frameworks: 'roles',
  run_tasks: 'users',
  teardown_frameworks: 'framework_principals',
  reserve_resources: 'roles',
  unreserve_resources: 'reserver_principals',
  create_volumes: 'roles',
  destroy_volumes: 'creator_principals',
  resize_volumes: 'roles',
  create_block_disks: 'roles',
  destroy_block_disks: 'roles',
  create_mount_disks: 'roles',
  destroy_mount_disks: 'roles',
  destroy_raw_disks: 'roles',
  get_quotas: 'roles',
  update_quotas: 'roles',
  view_roles: 'roles',
  update_weights: 'roles',
  get_endpoints: 'paths',
  view_frameworks: 'users',
  view_executors: 'users',
  view_tasks: 'users',
  view_containers: 'users',
  view_standalone_containers: 'users',
  access_sandboxes: 'users',
  view_flags: 'flags',
  access_mesos_logs: 'logs',
  set_log_level: 'level',
  register_agents: 'agents',
  attach_containers_input: 'users',
  attach_containers_output: 'users',
  launch_nested_containers_under_parent_with_user: 'users',
  launch_nested_containers_as_user: 'users',
  launch_nested_container_sessions_under_parent_with_user: 'users',
  launch_nested_container_sessions_as_user: 'users',
  launch_standalone_containers: 'users',
  kill_nested_containers: 'users',
  kill_standalone_containers: 'users',
  wait_nested_containers: 'users',
  wait_standalone_containers: 'users',
  remove_nested_containers: 'users',
  remove_standalone_containers: 'users',
  prune_images: 'images',
  update_maintenance_schedules: 'machines',
  get_maintenance_schedules: 'machines',
  start_maintenances: 'machines',
  stop_maintenances: 'machines',
  get_maintenance_statuses: 'machines',
  mark_agents_gone: 'agents',
  drain_agents: 'agents',
  deactivate_agents: 'agents',
  reactivate_agents: 'agents',
  mark_resource_providers_gone: 'resource_providers',
  view_resource_providers: 'resource_providers',
  modify_resource_provider_configs: 'resource_providers',
} as const;

export type Action = keyof typeof OBJECTS;

/** Who asks: a principal, or an executor by the claims of its token. */
export type Subject = { readonly principal: string } | { readonly claims: Claims };

/** What a token says of the executor that it was given to: framework (`fid`), executor (`eid`), container (`cid`). */
export type Claims = Readonly<Record<string, string>>;

interface Rule {
  readonly principals: Entity;
  readonly objects: Entity;
}

export interface Acls {
  /** What no rule speaks of is allowed. */
  readonly permissive: boolean;
  readonly rules: ReadonlyMap<Action, readonly Rule[]>;
}

/**
 * Whether a principal (undefined: nobody knows who) may do this to that object (undefined: to things of this kind at all, as for the operator who asks for
 * a list). The first rule that speaks of both decides; where none does, `permissive`.
 */
export function authorize(
  acls: Acls | undefined,
  principal: string | undefined,
  action: Action,
  object: string | undefined,
): boolean {
  if (!acls) return true;
  for (const rule of acls.rules.get(action) ?? []) {
    if (!speaksOf(rule.principals, principal, false)) continue;
    if (!speaksOf(rule.objects, object, OBJECTS[action] === 'roles')) continue;
    return (
      allows(rule.principals, principal, false) && allows(rule.objects, object, OBJECTS[action] === 'roles')
    );
  }
  return acls.permissive;
}

/** A rule for nobody speaks of everybody: it is how something is forbidden. */
function speaksOf(entity: Entity, subject: string | undefined, isRole: boolean): boolean {
  return kindOf(entity) !== 'SOME' || names(entity, subject, isRole);
}

function allows(entity: Entity, subject: string | undefined, isRole: boolean): boolean {
  const kind = kindOf(entity);
  return kind === 'ANY' || (kind === 'SOME' && names(entity, subject, isRole));
}

function names({ values = [] }: Entity, subject: string | undefined, isRole: boolean): boolean {
  if (subject === undefined) return false;
  return values.some(
    (value) =>
      value === subject || (isRole && value.endsWith('/%') && subject.startsWith(value.slice(0, -1))),
  );
}

function kindOf({ type = 'SOME' }: Entity): NonNullable<Entity['type']> {
  return type;
}

/** @throws DawnError for what is no JSON, and for actions and fields that Mesos does not have: a rule that is misspelt would allow what it should forbid */
export function parseAcls(text: string): Acls {
  let given: Record<string, unknown>;
  try {
    given = JSON.parse(text) as typeof given;
  } catch {
    throw bad('it is no JSON');
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw bad('an object is wanted');
  const { permissive = true, ...lists } = given;
  if (typeof permissive !== 'boolean') throw bad('"permissive" is true or false');
  const rules = new Map<Action, Rule[]>();
  for (const [action, list] of Object.entries(lists)) {
    if (!Object.hasOwn(OBJECTS, action)) throw bad(`there is no action "${action}"`);
    if (!Array.isArray(list)) throw bad(`"${action}" is no list`);
    rules.set(
      action as Action,
      list.map((rule, at) => parseRule(action as Action, rule, `${action}[${at}]`)),
    );
  }
  return { permissive, rules };
}

function parseRule(action: Action, given: unknown, path: string): Rule {
  if (typeof given !== 'object' || given === null) throw bad(`${path} is no object`);
  const field = OBJECTS[action];
  const { principals, [field]: objects, ...more } = given as Record<string, unknown>;
  const [unknown] = Object.keys(more);
  if (unknown !== undefined)
    throw bad(`${path} has no field "${unknown}"; it has "principals" and "${field}"`);
  return {
    principals: parseEntity(principals, `${path}.principals`),
    objects: parseEntity(objects, `${path}.${field}`),
  };
}

function parseEntity(given: unknown, path: string): Entity {
  if (typeof given !== 'object' || given === null) throw bad(`${path} is missing`);
  const { type = 'SOME', values = [] } = given as Record<string, unknown>;
  if (type !== 'SOME' && type !== 'ANY' && type !== 'NONE') throw bad(`${path}.type is SOME, ANY or NONE`);
  if (!Array.isArray(values) || values.some((value) => typeof value !== 'string'))
    throw bad(`${path}.values is a list of texts`);
  return { type, values: values as string[] };
}

function bad(message: string): DawnError {
  return new DawnError({ code: 'invalid_parameter', message: `--acls: ${message}` });
}
