import type { ConfigId } from '../ids.ts';
import type { TaskConfig } from './config.ts';

/** Canonical JSON (keys sorted at every depth): equal configs give equal text whatever order they were written in. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value as Record<string, unknown>)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** Content id of a config: equal configs have equal ids. */
export function configId(config: TaskConfig): ConfigId {
  return contentId(config) as ConfigId;
}

/**
 * Content id of any JSON value: 128 bits of FNV-1a over its canonical JSON in four lanes, 32 hex digits. Not for security: configs
 * come from people who may change jobs anyway. A hash without I/O or node:crypto keeps the core free of both.
 */
export function contentId(value: unknown): string {
  const text = canonicalJson(value);
  const lanes = [0x811c9dc5, 0x01000193, 0xdeadbeef, 0x9e3779b9];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    for (let lane = 0; lane < 4; lane++) {
      lanes[lane] = Math.imul((lanes[lane] ?? 0) ^ (unit + lane * 131), 0x01000193) >>> 0;
    }
  }
  return lanes.map((lane) => lane.toString(16).padStart(8, '0')).join('');
}
