/** `docker run …`, as a real agent said it, in the words of the engine's API. */

export interface CreateOptions {
  [field: string]: unknown;
  HostConfig: Record<string, unknown>;
}

/** Flags that stand alone. */
const SWITCHES: ReadonlySet<string> = new Set(['privileged']);

/** @param argv behind `docker` @throws Error for a flag that is not known here: nothing of a recording is passed over */
export function createOptionsOf([, ...words]: readonly string[]): CreateOptions {
  const host: Record<string, unknown> = {};
  const options: CreateOptions = { HostConfig: host };
  const env: string[] = [];
  const binds: string[] = [];
  while (words[0]?.startsWith('-') === true) {
    const [flag = '', given] = splitFlag(words.shift() ?? '');
    const value = given ?? (SWITCHES.has(flag) ? '' : (words.shift() ?? ''));
    if (flag === 'e') env.push(value);
    else if (flag === 'v') binds.push(value);
    else take(options, host, flag, value);
  }
  const [image, ...command] = words;
  options['Image'] = image;
  if (command.length > 0) options['Cmd'] = command;
  options['Env'] = env;
  host['Binds'] = binds;
  return options;
}

function splitFlag(word: string): [flag: string, value: string | undefined] {
  const [, flag, value] = /^--?([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  return [flag ?? '', value];
}

function take(options: CreateOptions, host: Record<string, unknown>, flag: string, value: string): void {
  switch (flag) {
    case 'privileged':
      return void (host['Privileged'] = true);
    case 'cpu-shares':
      return void (host['CpuShares'] = Number(value));
    case 'cpu-quota':
      // Of a period of 100 ms, which is the default.
      return void (host['NanoCpus'] = Number(value) * 1e4);
    case 'memory':
      return void (host['Memory'] = value === '64m' ? 64 << 20 : Number(value));
    case 'memory-reservation':
      return void (host['MemoryReservation'] = Number(value));
    case 'oom-score-adj':
      return void (host['OomScoreAdj'] = Number(value));
    case 'volume-driver':
      return void (host['VolumeDriver'] = value);
    case 'net':
      return void (host['NetworkMode'] = value);
    case 'hostname':
      return void (options['Hostname'] = value);
    case 'entrypoint':
      return void (options['Entrypoint'] = [value]);
    case 'name':
      return void (options['name'] = value);
    case 'cap-add':
      return void (host['CapAdd'] = [value]);
    case 'init':
      return void (host['Init'] = true);
    case 'label': {
      const [key = '', text] = value.split('=');
      return void (options['Labels'] = { [key]: text });
    }
    case 'ulimit': {
      const [Name = '', limit] = value.split('=');
      return void (host['Ulimits'] = [{ Name, Soft: Number(limit), Hard: Number(limit) }]);
    }
    case 'p': {
      const [, at, port, protocol = 'tcp'] = /^(\d+):(\d+)(?:\/(\w+))?$/.exec(value) ?? [];
      const key = `${port}/${protocol}`;
      host['PortBindings'] = { ...(host['PortBindings'] as object | undefined), [key]: [{ HostPort: at }] };
      return void (options['ExposedPorts'] = {
        ...(options['ExposedPorts'] as object | undefined),
        [key]: {},
      });
    }
    default:
      throw new Error(`docker run --${flag} is not known here`);
  }
}
