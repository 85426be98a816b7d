import { readFile, readdir } from 'node:fs/promises';
import type { Usage } from '../containerizer.ts';

/** Linux tells times in hundredths of a second on every machine. */
const TICKS_PER_SECOND = 100;
const KIB = 1024;

interface Times {
  readonly session: number;
  readonly user: number;
  readonly system: number;
}

/** What the processes of sessions use, with what their ended children have used; of each task there is one session. Empty where there is no /proc. */
export async function usageOfSessions(sessions: ReadonlySet<number>): Promise<ReadonlyMap<number, Usage>> {
  const sums = new Map<number, { user: number; system: number; rss: number }>();
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const times = timesIn(await textOf(`/proc/${pid}/stat`));
    if (!times || !sessions.has(times.session)) continue;
    const sum = sums.get(times.session) ?? { user: 0, system: 0, rss: 0 };
    sum.user += times.user;
    sum.system += times.system;
    sum.rss += residentIn(await textOf(`/proc/${pid}/status`));
    sums.set(times.session, sum);
  }
  return new Map(
    [...sums].map(([session, { user, system, rss }]) => [
      session,
      {
        cpus_user_time_secs: user / TICKS_PER_SECOND,
        cpus_system_time_secs: system / TICKS_PER_SECOND,
        mem_rss_bytes: rss,
      },
    ]),
  );
}

/** Of /proc/<pid>/stat; undefined: the process is gone. */
function timesIn(text: string): Times | undefined {
  // The command in field 2 may hold spaces and parentheses, so counting begins behind it: with field 3.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [session, user, system, userOfChildren, systemOfChildren] = [6, 14, 15, 16, 17].map(
    (field) => fields[field - 3] ?? NaN,
  ) as [number, number, number, number, number];
  if (Number.isNaN(systemOfChildren)) return undefined;
  return { session, user: user + userOfChildren, system: system + systemOfChildren };
}

function residentIn(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * KIB;
}

/** Empty: it is gone. */
function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
