/** Numbers as people read them. */

/** `3s`, `12m`, `5h`, `31d`. */
export function age(fromIso: string, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(fromIso)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** MiB → `512M`, `1.5G`. */
export function megabytes(mb: number): string {
  if (mb < 1024) return `${Math.round(mb)}M`;
  const gb = mb / 1024;
  return `${gb < 10 && !Number.isInteger(gb) ? gb.toFixed(1) : Math.round(gb)}G`;
}

export function cores(cpus: number): string {
  return Number.isInteger(cpus) ? String(cpus) : cpus.toFixed(cpus < 1 ? 2 : 1);
}

/** `500ms`, `30s`, `5m`, `2h`, `1h30m` → milliseconds; undefined when it is no duration. */
export function durationMs(text: string): number | undefined {
  const match = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?$/.exec(text.trim());
  if (!match || text.trim() === '') return undefined;
  const [, days = 0, hours = 0, minutes = 0, seconds = 0, ms = 0] = match.map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + ms;
}
