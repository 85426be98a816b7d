import { expect, test } from 'vitest';
import { type Action, OBJECTS, parseAcls } from '../../../shared/mesos/acls.ts';
import type { OperatorCall } from '../../../shared/mesos/operator.ts';
import type { MesosResource, Operation } from '../../../shared/mesos/v1.ts';
import { TestMaster } from './test-master.ts';

const MULTI = [{ type: 'MULTI_ROLE' }, { type: 'RESERVATION_REFINEMENT' }];
const agent_id = { value: 'm-S0' };
const machine = { hostname: 'a', ip: '127.0.0.1' };

function reserved(name: string, principal = 'ann'): MesosResource {
  const reservations = [{ type: 'DYNAMIC', role: 'eng', principal }] as const;
  return { name, type: 'SCALAR', scalar: { value: 64 }, reservations };
}

function volume(principal = 'ann'): MesosResource {
  const disk = { persistence: { id: 'v', principal }, volume: { container_path: 'd', mode: 'RW' } } as const;
  return { ...reserved('disk', principal), disk };
}

const size = { name: 'disk', type: 'SCALAR', scalar: { value: 1 } } as const;

/** A call of operators, the action it is, and what it acts on as rules name it; ANY where rules can only say all or none. */
const CALLS: {
  readonly [Type in OperatorCall['type']]: readonly [
    call: Extract<OperatorCall, { type: Type }>,
    action: Action,
    object: string,
  ];
} = {
  TEARDOWN: [
    { type: 'TEARDOWN', teardown: { framework_id: { value: 'm-0000' } } },
    'teardown_frameworks',
    'bob',
  ],
  UPDATE_WEIGHTS: [
    { type: 'UPDATE_WEIGHTS', update_weights: { weight_infos: [{ role: 'eng', weight: 2 }] } },
    'update_weights',
    'eng',
  ],
  UPDATE_QUOTA: [
    { type: 'UPDATE_QUOTA', update_quota: { force: true, quota_configs: [{ role: 'eng' }] } },
    'update_quotas',
    'eng',
  ],
  SET_QUOTA: [
    { type: 'SET_QUOTA', set_quota: { quota_request: { role: 'eng', force: true } } },
    'update_quotas',
    'eng',
  ],
  REMOVE_QUOTA: [{ type: 'REMOVE_QUOTA', remove_quota: { role: 'eng' } }, 'update_quotas', 'eng'],
  UPDATE_MAINTENANCE_SCHEDULE: [
    { type: 'UPDATE_MAINTENANCE_SCHEDULE', update_maintenance_schedule: { schedule: {} } },
    'update_maintenance_schedules',
    'ANY',
  ],
  START_MAINTENANCE: [
    { type: 'START_MAINTENANCE', start_maintenance: { machines: [machine] } },
    'start_maintenances',
    'ANY',
  ],
  STOP_MAINTENANCE: [
    { type: 'STOP_MAINTENANCE', stop_maintenance: { machines: [machine] } },
    'stop_maintenances',
    'ANY',
  ],
  DRAIN_AGENT: [{ type: 'DRAIN_AGENT', drain_agent: { agent_id } }, 'drain_agents', 'ANY'],
  DEACTIVATE_AGENT: [
    { type: 'DEACTIVATE_AGENT', deactivate_agent: { agent_id } },
    'deactivate_agents',
    'ANY',
  ],
  REACTIVATE_AGENT: [
    { type: 'REACTIVATE_AGENT', reactivate_agent: { agent_id } },
    'reactivate_agents',
    'ANY',
  ],
  MARK_AGENT_GONE: [{ type: 'MARK_AGENT_GONE', mark_agent_gone: { agent_id } }, 'mark_agents_gone', 'ANY'],
  RESERVE_RESOURCES: [
    { type: 'RESERVE_RESOURCES', reserve_resources: { agent_id, resources: [reserved('mem')] } },
    'reserve_resources',
    'eng',
  ],
  UNRESERVE_RESOURCES: [
    { type: 'UNRESERVE_RESOURCES', unreserve_resources: { agent_id, resources: [reserved('mem')] } },
    'unreserve_resources',
    'ann',
  ],
  CREATE_VOLUMES: [
    { type: 'CREATE_VOLUMES', create_volumes: { agent_id, volumes: [volume()] } },
    'create_volumes',
    'eng',
  ],
  DESTROY_VOLUMES: [
    { type: 'DESTROY_VOLUMES', destroy_volumes: { agent_id, volumes: [volume()] } },
    'destroy_volumes',
    'ann',
  ],
  GROW_VOLUME: [
    { type: 'GROW_VOLUME', grow_volume: { agent_id, volume: volume(), addition: size } },
    'resize_volumes',
    'eng',
  ],
  SHRINK_VOLUME: [
    { type: 'SHRINK_VOLUME', shrink_volume: { agent_id, volume: volume(), subtract: { value: 1 } } },
    'resize_volumes',
    'eng',
  ],
};

/** Only ops may do it, and only to this. */
function rules(action: Action, object: string) {
  const objects = object === 'ANY' ? { type: 'ANY' } : { values: [object] };
  const only = { principals: { values: ['ops'] }, [OBJECTS[action]]: objects };
  return parseAcls(
    JSON.stringify({
      permissive: false,
      register_agents: ALL('agents'),
      register_frameworks: ALL('roles'),
      [action]: [only],
    }),
  );
}

const ALL = (field: string): object[] => [{ principals: { type: 'ANY' }, [field]: { type: 'ANY' } }];

function started(acls: ReturnType<typeof parseAcls>): TestMaster {
  const master = new TestMaster(undefined, { acls });
  master.addAgent('a');
  master.subscribe('f', { principal: 'bob' });
  return master;
}

test.each(Object.values(CALLS).map(([call, action, object]) => [call.type, action, object, call] as const))(
  '%s is %s of %s',
  (_type, action, object, call) => {
    const master = started(rules(action, object));
    const before = master.writes.length;
    for (const principal of ['ann', undefined]) {
      expect(master.operator(call, principal)).toEqual({ status: 403, message: '403 Forbidden.' });
      expect(master.writes).toHaveLength(before);
      expect([...master.closed, ...master.world.goneFrameworks]).toEqual([]);
    }
    expect(master.operator(call, 'ops').status).not.toBe(403);
    if (object === 'ANY') return;
    const elsewhere = started(rules(action, 'other'));
    expect(elsewhere.operator(call, 'ops').status).toBe(403);
  },
);

test.each<[operation: Operation, action: Action, object: string, told: string]>([
  [
    { type: 'RESERVE', reserve: { resources: [reserved('mem')] } },
    'reserve_resources',
    'eng',
    'reserve resources',
  ],
  [
    { type: 'UNRESERVE', unreserve: { resources: [reserved('mem')] } },
    'unreserve_resources',
    'ann',
    'unreserve resources',
  ],
  [{ type: 'CREATE', create: { volumes: [volume()] } }, 'create_volumes', 'eng', 'create persistent volumes'],
  [
    { type: 'DESTROY', destroy: { volumes: [volume()] } },
    'destroy_volumes',
    'ann',
    'destroy persistent volumes',
  ],
  [
    { type: 'GROW_VOLUME', grow_volume: { volume: volume(), addition: size } },
    'resize_volumes',
    'eng',
    'grow a volume',
  ],
  [
    { type: 'SHRINK_VOLUME', shrink_volume: { volume: volume(), subtract: { value: 1 } } },
    'resize_volumes',
    'eng',
    'shrink a volume',
  ],
])('a framework’s %j is %s', (operation, action, object, told) => {
  const master = new TestMaster(undefined, { acls: rules(action, object) });
  master.addAgent('a');
  master.subscribe('f', { principal: 'ann', roles: ['eng'], capabilities: MULTI });
  const offer_ids = [...master.world.offers.keys()].map((value) => ({ value }));
  const operations = [{ ...operation, id: { value: 'op' } }];
  master.framework('f', { type: 'ACCEPT', accept: { offer_ids, operations } });
  const told403 = expect.objectContaining({
    state: 'OPERATION_ERROR',
    message: `Not authorized to ${told} as 'ann'`,
  }) as object;
  expect(master.heard('f')).toContainEqual({
    type: 'UPDATE_OPERATION_STATUS',
    update_operation_status: { status: told403 },
  });
  expect(master.world.agents.get('m-S0' as never)?.kept).toEqual([]);
});
