import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Job } from '../../../shared/job/config.ts';
import { type LoadOptions, type Problem, formatProblem, loadJobs } from '../../../shared/job/load.ts';
import { jobToYaml } from '../../../shared/job/to-yaml.ts';
import { arbitraryJob, withImageCommand } from './arbitrary-job.ts';

const OPTIONS: LoadOptions = { file: 'job.yaml', defaultRole: 'me' };

/** The jobs of a text that has no problems. */
function jobs(text: string, options: Partial<LoadOptions> = {}): readonly Job[] {
  const loaded = loadJobs(text, { ...OPTIONS, ...options });
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.jobs;
}

function problems(text: string, options: Partial<LoadOptions> = {}): readonly Problem[] {
  const loaded = loadJobs(text, { ...OPTIONS, ...options });
  return loaded.ok ? [] : loaded.problems;
}

const sentences = (text: string, options: Partial<LoadOptions> = {}): string[] =>
  problems(text, options).map(formatProblem);

describe('what is not written', () => {
  test("has Aurora's defaults, but that a job is a service", () => {
    expect(jobs('name: web\ncommand: serve\n')).toEqual([
      {
        key: 'me/devel/web',
        instances: 1,
        task: {
          isService: true,
          tier: 'preemptible',
          priority: 0,
          maxTaskFailures: 1,
          cpu: 0.1,
          ramMb: 128,
          diskMb: 128,
          gpus: 0,
          ports: [],
          constraints: [],
          container: { kind: 'none' },
          command: { kind: 'shell', line: 'serve' },
          env: {},
          healthCheck: null,
          httpLifecycle: null,
          killGraceSecs: 30,
          metadata: {},
          contact: null,
        },
        update: {
          strategy: { kind: 'queue', groupSize: 1 },
          watchSecs: 45,
          maxPerInstanceFailures: 0,
          maxFailedInstances: 0,
          rollbackOnFailure: true,
        },
      },
    ]);
  });

  test('of a health check', () => {
    const [job] = jobs('name: web\ncommand: serve\nports: [http]\nhealth: { http: /up }\n');
    expect(job?.task.healthCheck).toEqual({
      check: { kind: 'http', port: 'http', endpoint: '/up', expectedCodes: [] },
      initialIntervalSecs: 15,
      intervalSecs: 10,
      timeoutSecs: 1,
      maxConsecutiveFailures: 0,
      minConsecutiveSuccesses: 1,
    });
  });

  test('of a process', () => {
    const [job] = jobs('name: web\ntask:\n  processes: [{ name: a, cmdline: b }]\n');
    expect(job?.task.command).toEqual({
      kind: 'processes',
      processes: [
        {
          name: 'a',
          cmdline: 'b',
          maxFailures: 1,
          daemon: false,
          ephemeral: false,
          final: false,
          minDurationSecs: 5,
        },
      ],
      order: [],
      maxFailures: 1,
    });
  });
});

describe('short and long forms are the same job', () => {
  test.each([
    [
      'image',
      'image: nginx\nuser: www\nnetwork: host\nvolumes: ["/srv/a:/a:rw"]',
      'container: { docker: { image: nginx, user: www, network: host, volumes: [{ host_path: /srv/a, container_path: /a, mode: RW }] } }',
    ],
    [
      'resources',
      'task: { processes: [{ name: a, cmdline: b }] }\ncpu: 2\nram: 1GB\ndisk: 1024KB\ngpu: 1\nkill_grace_secs: 9',
      'task: { processes: [{ name: a, cmdline: b }], finalization_wait: 9, resources: { cpu: 2, ram: 1024MB, disk: 1MB, gpu: 1 } }',
    ],
    [
      'http health',
      'image: a\nports: [http]\nhealth: { http: /up, port: http }',
      'image: a\nports: [http]\nhealth_check_config: { health_checker: { http: { endpoint: /up, port: http } } }',
    ],
    [
      'tcp health',
      'image: a\nports: [db]\nhealth: { tcp: db, interval_secs: 3 }',
      'image: a\nports: [db]\nhealth_check_config: { health_checker: { tcp: { port: db } }, interval_secs: 3 }',
    ],
    [
      'command health',
      'image: a\nhealth: { command: test -e up }',
      'image: a\nhealth_check_config: { health_checker: { shell: { shell_command: test -e up } } }',
    ],
    [
      'queue',
      'image: a\ninstances: 5\nupdate_config: { batch_size: 3 }',
      'image: a\ninstances: 5\nupdate_config: { update_strategy: { queue: { batch_size: 3 } } }',
    ],
    [
      'batch',
      'image: a\ninstances: 5\nupdate_config: { batch_size: 3, wait_for_batch_completion: true }',
      'image: a\ninstances: 5\nupdate_config: { update_strategy: { batch: { batch_size: 3 } } }',
    ],
    ['JSON', 'image: a\nenv: { A: b }', '"image": "a"\n"env": {"A": "b"}'],
  ])('%s', (_what, short, long) => {
    expect(jobs(`name: web\n${short}\n`)).toEqual(jobs(`name: web\n${long}\n`));
  });

  test.each([
    ['image: a\ncontainer: { docker: { image: b } }', 'the image is given twice'],
    ['command: a\ntask: { processes: [{ name: a, cmdline: b }] }', 'the task has processes already'],
    [
      'gpu: 1\ntask: { processes: [{ name: a, cmdline: b }], resources: { cpu: 1, ram: 1MB, disk: 1MB } }',
      'resources are given twice',
    ],
    [
      'image: a\nhealth: { command: a }\nhealth_check_config: { health_checker: { shell: { shell_command: a } } }',
      'health checks are given twice',
    ],
  ])('both at once are refused: %j', (text, words) => {
    expect(sentences(`name: web\n${text}\n`)).toEqual([expect.stringContaining(words)]);
  });
});

describe('places and suggestions', () => {
  test('every problem is told at once, in the order of the file, as file:line:column', () => {
    const text = 'name: web\nimage: nginx\nintances: 3\ncpu: none\nupdate_config:\n  watch_sec: 1\n';
    expect(sentences(text)).toEqual([
      'job.yaml:3:1: intances: unknown field (E_UNKNOWN_FIELD); did you mean instances?',
      'job.yaml:4:6: cpu: expected number, got "none" (E_VALUE)',
      'job.yaml:6:3: update_config.watch_sec: unknown field (E_UNKNOWN_FIELD); did you mean watch_secs?',
    ]);
  });

  test('what is missing is told at the beginning of where it belongs', () => {
    expect(sentences('jobs:\n  - image: nginx\n')).toEqual([
      'job.yaml:2:5: jobs[0].name: is missing (E_VALUE)',
    ]);
  });

  test('what resembles nothing gets no suggestion', () => {
    expect(problems('name: web\nimage: a\nzebra: 1\n')[0]).not.toHaveProperty('suggestion');
  });

  test('columns count the text after a byte order mark and with carriage returns', () => {
    expect(sentences('\ufeffname: web\r\nimage: a\r\n  \r\ncpu: x\r\n')).toEqual([
      'job.yaml:4:6: cpu: expected number, got "x" (E_VALUE)',
    ]);
  });

  test('a health check of a port that the job does not have', () => {
    expect(sentences('name: web\nimage: a\nhealth: { http: /up }\n')).toEqual([
      'job.yaml:3:9: health: checks port http, which the job does not have; add it to ports (E_HEALTH)',
    ]);
  });

  test('an order of processes that are not there', () => {
    const text =
      'name: web\ntask:\n  processes: [{ name: a, cmdline: b }]\n  constraints: [{ order: [a, c] }]\n';
    expect(sentences(text)).toEqual([
      expect.stringMatching(/^job\.yaml:4:\d+: task\.constraints\[0\]\.order: there is no process c /),
    ]);
  });

  test('the limit of instances is the one that is given', () => {
    expect(sentences('name: web\nimage: a\ninstances: 11\n', { instancesMax: 10 })).toEqual([
      'job.yaml:3:12: instances: above the limit of 10 (E_INSTANCES)',
    ]);
  });
});

describe('several jobs', () => {
  test('come in the order of the file', () => {
    const text =
      'jobs:\n  - { name: b, image: x }\n  - { name: a, image: x, role: you, environment: staging2 }\n';
    expect(jobs(text).map(({ key }) => key)).toEqual(['me/devel/b', 'you/staging2/a']);
  });

  test.each([
    ['jobs: []\n', 'expected a list of jobs'],
    ['jobs: { name: a }\n', 'expected a list of jobs'],
    ['jobs: [{ name: a, image: x }]\nname: b\n', 'name: unknown field'],
    ['jobs: [{ name: a, image: x }, { name: a, image: y }]\n', 'jobs[1].name: a second job me/devel/a'],
    ['jobs: [1]\n', 'jobs[0]: expected object, got 1'],
    ['- name: a\n', 'expected a job, or `jobs:`'],
    ['just text\n', 'expected a job, or `jobs:`'],
  ])('%j is refused', (text, words) => {
    expect(sentences(text)).toEqual([expect.stringContaining(words)]);
  });
});

describe('bindings and templates', () => {
  test('what is bound is filled in everywhere, also inside what is bound', () => {
    const text = 'name: "{{what}}"\nimage: "nginx:{{tag}}"\nenv: { A: "{{tag}}-{{what}}" }\n';
    const [job] = jobs(text, { bindings: { what: 'web', tag: '{{major}}.27', major: '1' } });
    expect(job).toMatchObject({
      key: 'me/devel/web',
      task: { container: { image: 'nginx:1.27' }, env: { A: '1.27-web' } },
    });
  });

  test('what placement fills stays as it is', () => {
    const line = 'serve {{mesos.instance}} {{ mesos.hostname }} {{thermos.ports[http]}} {{thermos.task_id}}';
    expect(jobs(`name: web\ncommand: ${line}\n`)[0]?.task.command).toEqual({ kind: 'shell', line });
  });

  test('a port that is referred to is asked for', () => {
    const [job] = jobs(
      'name: web\ncommand: a {{thermos.ports[b]}}\nenv: { A: "{{thermos.ports[a]}}" }\nports: [c]\n',
    );
    expect(job?.task.ports).toEqual(['a', 'b', 'c']);
  });

  test('a reference that nobody fills is refused where it stands', () => {
    expect(sentences('name: web\ncommand: [a, "{{mesos.instanc}}"]\n')).toEqual([
      'job.yaml:2:14: command[1]: nothing fills {{mesos.instanc}} (E_TEMPLATE); did you mean mesos.instance?',
    ]);
  });

  test('a binding that leads back to itself is refused with its way', () => {
    const bindings = { a: 'x{{b}}', b: '{{c}}', c: '{{a}}' };
    expect(sentences('name: web\ncommand: run {{a}}\n', { bindings })).toEqual([
      'job.yaml:2:10: command: leads back to itself: a → b → c → a (E_TEMPLATE_CYCLE)',
    ]);
  });

  test('names of the prototype are no bindings', () => {
    expect(problems('name: web\ncommand: run {{toString}}\n', { bindings: {} })).toMatchObject([
      { code: 'E_TEMPLATE' },
    ]);
  });
});

describe('any job', () => {
  test('that refers to a port by a number keeps it', () => {
    const [job] = jobs('name: web\ncommand: "serve {{thermos.ports[8080]}}"\nports: [http]\n');
    expect(job?.task.ports).toEqual(['8080', 'http']);
    expect(jobs(jobToYaml(job!))).toEqual([job]);
  });

  test('written as a file and loaded is the same job', () => {
    fc.assert(
      fc.property(arbitraryJob, fc.boolean(), (any, ownCommand) => {
        const job = ownCommand ? withImageCommand(any) : any;
        expect(jobs(jobToYaml(job))).toEqual([job]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('any text', () => {
  const seeds = ['full', 'web', 'several', 'adhoc'].map((file) =>
    readFileSync(new URL(`../../../fixtures/jobs/${file}.yaml`, import.meta.url), 'utf8'),
  );
  const snippet = fc.oneof(
    fc.constantFrom(
      '\t',
      '\n',
      '  ',
      '- ',
      ': ',
      '? ',
      '{',
      '}',
      '[',
      ']',
      '&a ',
      '*a',
      '!!x ',
      '|',
      '>',
      '"',
      "'",
    ),
    fc.constantFrom(
      '#',
      '---\n',
      '...\n',
      '%YAML 1.1\n',
      '<<: ',
      '\0',
      '\ud800',
      '__proto__: ',
      '{{',
      '}}',
      '1e999',
    ),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  /** Cuts out a piece and puts something else, or another piece of the file, in its place. */
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat(30),
    put: fc.oneof(snippet, fc.double({ min: 0, max: 1, noNaN: true })),
  });

  test('is loaded or refused with reasons that have a place; nothing throws', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(edit, { minLength: 1, maxLength: 8 }),
        (seed, edits) => {
          const text = edits.reduce((now, { at, cut, put }) => {
            const from = Math.floor(at * now.length);
            const piece =
              typeof put === 'string' ? put : now.slice(Math.floor(put * now.length)).slice(0, 80);
            return now.slice(0, from) + piece + now.slice(from + cut);
          }, seed);
          const loaded = loadJobs(text, OPTIONS);
          if (loaded.ok) {
            expect(loaded.jobs.length).toBeGreaterThan(0);
            return;
          }
          expect(loaded.problems.length).toBeGreaterThan(0);
          const lines = text.split('\n').length;
          for (const { code, line, message } of loaded.problems) {
            expect(code).toMatch(/^E_[A-Z_]+$/);
            expect(message).not.toBe('');
            expect(line).toBeLessThanOrEqual(lines);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test('as bytes, whatever they are, does not throw either', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const loaded = loadJobs(bytes, OPTIONS);
        expect(loaded.ok || loaded.problems.length > 0).toBe(true);
      }),
    );
  });
});
