import type { CheckInfo, CheckStatusInfo, TaskInfo } from '../../shared/mesos/v1.ts';
import type { Containerizer, Run } from './containerizer.ts';
import { type Probed, probe } from './probe.ts';

/** Mesos's defaults of CheckInfo. */
const DEFAULTS = { delay: 15, interval: 10, timeout: 20 } as const;

/** What is said of a task's check before anything is known, and where there is no answer: its type, with an empty field. */
export function emptyCheckStatus({ check }: TaskInfo): CheckStatusInfo | undefined {
  if (!check) return undefined;
  const type = typeOf(check);
  return { type, [type.toLowerCase()]: {} };
}

/** Whether a check says what is to be looked at. */
export function isWhole(check: CheckInfo): boolean {
  return [check.command?.command, check.http, check.tcp].filter(Boolean).length === 1 && !!probedOf(check);
}

/** Looks at a task until stopped, and tells what it sees whenever that changes (Mesos's Checker). It never ends the task. */
export function watchCheck(
  run: Run,
  containerizer: Pick<Containerizer, 'exec'>,
  onChange: (status: CheckStatusInfo) => void,
): { stop(): void } {
  const { task } = run;
  const { check } = task;
  const probed = check && probedOf(check);
  if (!check || !probed) return { stop: () => undefined };
  let last = JSON.stringify(emptyCheckStatus(task));
  let stopped = false;
  const timeoutMs = (check.timeout_seconds ?? DEFAULTS.timeout) * 1000;
  const once = async (): Promise<void> => {
    const { status } = await probe(run, probed, timeoutMs, containerizer);
    if (stopped) return;
    const told: CheckStatusInfo = { type: typeOf(check), ...status };
    if (JSON.stringify(told) !== last) onChange(told);
    last = JSON.stringify(told);
    timer = setTimeout(() => void once(), (check.interval_seconds ?? DEFAULTS.interval) * 1000);
  };
  let timer = setTimeout(() => void once(), (check.delay_seconds ?? DEFAULTS.delay) * 1000);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function typeOf({ type, http, tcp }: CheckInfo): 'COMMAND' | 'HTTP' | 'TCP' {
  return type ?? (http ? 'HTTP' : tcp ? 'TCP' : 'COMMAND');
}

/** Undefined: what belongs to its type is missing. */
function probedOf(check: CheckInfo): Probed | undefined {
  const type = typeOf(check);
  if (type === 'HTTP') return check.http && { type, http: check.http };
  if (type === 'TCP') return check.tcp && { type, tcp: check.tcp };
  return check.command?.command && { type, command: check.command.command };
}
