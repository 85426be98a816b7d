/** What libprocess tells of a program under every Mesos process: its machine, its logging, its paths. */
import { cpus, freemem, loadavg, totalmem } from 'node:os';
import { parseDuration } from '../../shared/mesos/durations.ts';
import { double } from './json.ts';
import type { LoggingLevel } from './logging-level.ts';
import { queryOf, sendJson } from './reply.ts';
import { begin, sendText, type MesosHandler } from './respond.ts';

/** Of the machine, by the names of Mesos's metrics. */
export function systemMetrics(): Record<string, number> {
  const [load1 = 0, load5 = 0, load15 = 0] = loadavg();
  return {
    'system/cpus_total': cpus().length,
    'system/load_1min': load1,
    'system/load_5min': load5,
    'system/load_15min': load15,
    'system/mem_free_bytes': freemem(),
    'system/mem_total_bytes': totalmem(),
  };
}

interface Parts {
  /** `master`, `slave(1)` */
  readonly process: string;
  readonly logging: LoggingLevel;
  /** Every path that is answered, without the leading slash. */
  readonly paths: () => readonly string[];
}

export function processPages({ process, logging, paths }: Parts): Map<string, MesosHandler> {
  return new Map<string, MesosHandler>([
    ['system/stats.json', (request, response) => sendJson(request, response, stats())],
    // Requests are answered as they come: there are no queues to look into.
    ['__processes__', (request, response) => sendJson(request, response, [{ events: [], id: process }])],
    ['logging/toggle', (request, response) => toggle(logging, queryOf(request), response)],
    ['help', (_request, response) => sendHelp(response, process, paths())],
  ]);
}

function stats(): Record<string, number | ReturnType<typeof double>> {
  const [load1 = 0, load5 = 0, load15 = 0] = loadavg();
  return {
    avg_load_15min: double(load15),
    avg_load_1min: double(load1),
    avg_load_5min: double(load5),
    cpus_total: cpus().length,
    mem_free_bytes: freemem(),
    mem_total_bytes: totalmem(),
  };
}

/** Tells the level, or sets it for a time: `?level=1&duration=10mins`. */
function toggle(logging: LoggingLevel, query: URLSearchParams, response: Parameters<MesosHandler>[1]): void {
  const [level, duration] = [query.get('level'), query.get('duration')];
  if (level === null && duration === null) return sendText(response, 200, `${logging.level}\n`);
  if (duration === null) return sendText(response, 400, "Expecting 'duration=value' in query.\n");
  if (level === null) return sendText(response, 400, "Expecting 'level=value' in query.\n");
  const lasts = parseDuration(duration);
  if (!/^-?\d{1,9}$/.test(level)) return sendText(response, 400, `Failed to convert '${level}' to number.\n`);
  if (lasts === undefined) return sendText(response, 400, `Invalid duration '${duration}'.\n`);
  const problem = logging.set(Number(level), lasts);
  if (problem !== null) return sendText(response, 400, `${problem}\n`);
  sendText(response, 200, '');
}

function sendHelp(response: Parameters<MesosHandler>[1], process: string, paths: readonly string[]): void {
  const list = [...paths].sort().map((path) => `<li>/${path}</li>`);
  const body = `<html><head><title>Help</title></head><body><p>${process}</p><ul>${list.join('')}</ul></body></html>`;
  begin(response);
  response
    .writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': String(Buffer.byteLength(body)) })
    .end(body);
}
