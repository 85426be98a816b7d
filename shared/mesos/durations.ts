/** Durations as Mesos writes them in flags: `<number><unit>`, `15secs`, `1.5mins`. */
const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['weeks', 7 * 24 * 3_600_000],
  ['days', 24 * 3_600_000],
  ['hrs', 3_600_000],
  ['mins', 60_000],
  ['secs', 1000],
  ['ms', 1],
  ['us', 1e-3],
  ['ns', 1e-6],
];

/** Milliseconds, or undefined for what is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = /^(-?\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(text.trim());
  const unit = UNITS.find(([name]) => name === match?.[2]);
  return match && unit ? Number(match[1]) * unit[1] : undefined;
}

/** In the largest unit that gives a whole number, as Mesos prints them; zero is `0ns`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0ns';
  const unit = UNITS.find(([, size]) => Number.isInteger(ms / size));
  return unit ? `${ms / unit[1]}${unit[0]}` : `${ms}ms`;
}
