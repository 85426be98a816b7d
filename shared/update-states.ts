/** Job updates: status table, what an operator may do in each, and the events an instance leaves. Aurora's JobUpdateStateMachine. */
export const UPDATE_STATUSES = [
  'ROLLING_FORWARD',
  'ROLLING_BACK',
  'ROLL_FORWARD_PAUSED',
  'ROLL_BACK_PAUSED',
  'ROLL_FORWARD_AWAITING_PULSE',
  'ROLL_BACK_AWAITING_PULSE',
  'ROLLED_FORWARD',
  'ROLLED_BACK',
  'ABORTED',
  'FAILED',
  'ERROR',
] as const;
export type UpdateStatus = (typeof UPDATE_STATUSES)[number];

export const UPDATE_TABLE = {
  ROLLING_FORWARD: [
    'ROLLING_BACK',
    'ROLL_FORWARD_PAUSED',
    'ROLL_FORWARD_AWAITING_PULSE',
    'ROLLED_FORWARD',
    'ABORTED',
    'FAILED',
    'ERROR',
  ],
  ROLLING_BACK: ['ROLL_BACK_PAUSED', 'ROLL_BACK_AWAITING_PULSE', 'ROLLED_BACK', 'ABORTED', 'FAILED', 'ERROR'],
  ROLL_FORWARD_PAUSED: ['ROLLING_BACK', 'ROLLING_FORWARD', 'ROLL_FORWARD_AWAITING_PULSE', 'ABORTED', 'ERROR'],
  ROLL_BACK_PAUSED: ['ROLLING_BACK', 'ROLL_BACK_AWAITING_PULSE', 'ABORTED', 'ERROR'],
  ROLL_FORWARD_AWAITING_PULSE: ['ROLLING_BACK', 'ROLLING_FORWARD', 'ROLL_FORWARD_PAUSED', 'ABORTED', 'ERROR'],
  ROLL_BACK_AWAITING_PULSE: ['ROLLING_BACK', 'ROLL_BACK_PAUSED', 'ABORTED', 'ERROR'],
  ROLLED_FORWARD: [],
  ROLLED_BACK: [],
  ABORTED: [],
  FAILED: [],
  ERROR: [],
} as const satisfies Record<UpdateStatus, readonly UpdateStatus[]>;

export const ACTIVE_UPDATE_STATUSES: ReadonlySet<UpdateStatus> = new Set(
  UPDATE_STATUSES.filter((status) => UPDATE_TABLE[status].length > 0),
);

export function canMoveUpdate(from: UpdateStatus, to: UpdateStatus): boolean {
  return (UPDATE_TABLE[from] as readonly UpdateStatus[]).includes(to);
}

export const UPDATE_COMMANDS = ['pause', 'resume', 'abort', 'rollback'] as const;
export type UpdateCommand = (typeof UPDATE_COMMANDS)[number];

/**
 * What an operator's command means in each status: the status to go to, or undefined when it is not allowed.
 * Pausing what is paused and resuming what runs are allowed and change nothing (Aurora answers OK).
 */
export const UPDATE_COMMAND_TABLE = {
  pause: {
    ROLLING_FORWARD: 'ROLL_FORWARD_PAUSED',
    ROLLING_BACK: 'ROLL_BACK_PAUSED',
    ROLL_FORWARD_AWAITING_PULSE: 'ROLL_FORWARD_PAUSED',
    ROLL_BACK_AWAITING_PULSE: 'ROLL_BACK_PAUSED',
    ROLL_FORWARD_PAUSED: 'ROLL_FORWARD_PAUSED',
    ROLL_BACK_PAUSED: 'ROLL_BACK_PAUSED',
  },
  resume: {
    ROLL_FORWARD_PAUSED: 'ROLLING_FORWARD',
    ROLL_BACK_PAUSED: 'ROLLING_BACK',
    ROLLING_FORWARD: 'ROLLING_FORWARD',
    ROLLING_BACK: 'ROLLING_BACK',
  },
  abort: {
    ROLLING_FORWARD: 'ABORTED',
    ROLLING_BACK: 'ABORTED',
    ROLL_FORWARD_PAUSED: 'ABORTED',
    ROLL_BACK_PAUSED: 'ABORTED',
    ROLL_FORWARD_AWAITING_PULSE: 'ABORTED',
    ROLL_BACK_AWAITING_PULSE: 'ABORTED',
  },
  rollback: {
    ROLLING_FORWARD: 'ROLLING_BACK',
    ROLL_FORWARD_PAUSED: 'ROLLING_BACK',
    ROLL_FORWARD_AWAITING_PULSE: 'ROLLING_BACK',
    ROLL_BACK_PAUSED: 'ROLLING_BACK',
    ROLL_BACK_AWAITING_PULSE: 'ROLLING_BACK',
  },
} as const satisfies Record<UpdateCommand, Partial<Record<UpdateStatus, UpdateStatus>>>;

/** The status a command leads to, or undefined when the update is past it. */
export function afterCommand(command: UpdateCommand, status: UpdateStatus): UpdateStatus | undefined {
  return (UPDATE_COMMAND_TABLE[command] as Partial<Record<UpdateStatus, UpdateStatus>>)[status];
}

/** JobUpdateAction of Aurora: what an instance's event in an update says. */
export const INSTANCE_ACTIONS = [
  'INSTANCE_UPDATING',
  'INSTANCE_UPDATED',
  'INSTANCE_UPDATE_FAILED',
  'INSTANCE_ROLLING_BACK',
  'INSTANCE_ROLLED_BACK',
  'INSTANCE_ROLLBACK_FAILED',
] as const;
export type InstanceAction = (typeof INSTANCE_ACTIONS)[number];
