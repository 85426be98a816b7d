import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** When a process began, in whatever unit the system has; tells a process from a later one with the same pid. Undefined: it does not exist. */
export function startTimeOf(pid: number): string | undefined {
  try {
    // Field 22 of /proc/<pid>/stat; the command in field 2 may hold spaces and parentheses, so counting begins behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
    return fields?.[0] === 'Z' ? undefined : fields?.[19];
  } catch {
    return process.platform === 'linux' ? undefined : startTimeByPs(pid);
  }
}

export function isSameProcess(pid: number, startTime: string | undefined): boolean {
  const now = startTimeOf(pid);
  return now !== undefined && now === startTime;
}

function startTimeByPs(pid: number): string | undefined {
  try {
    return (
      execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 5_000 })
        .trim()
        .replace(/\s+/g, '_') || undefined
    );
  } catch {
    return undefined;
  }
}
