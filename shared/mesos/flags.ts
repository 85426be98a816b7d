import { DawnError } from '../errors.ts';
import type { PortRange, Resources } from '../resources.ts';
import { NO_RESOURCES } from '../resources.ts';
import type { Attribute } from './v1.ts';

/** Mesos's own text of resources: `cpus:4;mem:4096;disk:20480;gpus:1;ports:[31000-31999,32500-32999]`. @throws DawnError */
export function parseMesosResources(text: string): Resources {
  const found: { -readonly [Key in keyof Resources]: Resources[Key] } = { ...NO_RESOURCES };
  for (const part of text.split(';').filter((each) => each.trim() !== '')) {
    const [name = '', value = ''] = splitOnce(part);
    if (name === 'ports') found.ports = parsePorts(value);
    else {
      const number = Number(value);
      if (value === '' || !Number.isFinite(number) || number < 0) throw bad('--resources', part);
      if (name === 'cpus') found.cpusMilli = Math.round(number * 1000);
      else if (name === 'mem') found.memMb = Math.floor(number);
      else if (name === 'disk') found.diskMb = Math.floor(number);
      else if (name === 'gpus') found.gpus = Math.floor(number);
      else throw bad('--resources', part);
    }
  }
  return found;
}

/** `rack:r1;zone:a`: text attributes. @throws DawnError */
export function parseMesosAttributes(text: string): Attribute[] {
  return text
    .split(';')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [name = '', value = ''] = splitOnce(part);
      if (!/^[\w.-]+$/.test(name) || value === '') throw bad('--attributes', part);
      return { name, type: 'TEXT', text: { value } };
    });
}

function parsePorts(text: string): PortRange[] {
  const inner = /^\[(.*)\]$/.exec(text.trim())?.[1] ?? '';
  const ranges = inner.split(',').map((range): PortRange => {
    const match = /^\s*(\d+)\s*-\s*(\d+)\s*$/.exec(range);
    const [begin, end] = [Number(match?.[1]), Number(match?.[2])];
    if (!match || begin > end || end > 65535) throw bad('--resources', `ports:${text}`);
    return [begin, end];
  });
  return ranges.sort((a, b) => a[0] - b[0]);
}

function splitOnce(part: string): [string, string] {
  const at = part.indexOf(':');
  return at < 0 ? [part.trim(), ''] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
}

function bad(flag: string, part: string): DawnError {
  return new DawnError({
    code: 'invalid_parameter',
    message: `${flag}: ${part} is not understood`,
    hint: 'write them as cpus:4;mem:4096;disk:20480;ports:[31000-32000] and rack:r1;zone:a',
  });
}
