/**
 * Fixture clusters (fixtures/clusters/*.yaml): how many agents, what they have and how they run tasks, and which jobs to submit at the start. The same file
 * drives `dawn up`, the simulation and the benchmarks.
 */
import { parse } from 'yaml';
import { z } from 'zod';
import { DawnError } from './errors.ts';
import { isIdentifier } from './ids.ts';

const name = z.string().refine(isIdentifier, 'letters, digits, `-`, `_` and `.` only');

const agentSchema = z.strictObject({
  name,
  /** More than one: `name-1`, `name-2`, … each with a port range of its own. */
  count: z.int().min(1).max(50_000).default(1),
  cpus: z.number().positive().max(4096),
  memMb: z.int().positive(),
  diskMb: z.int().positive(),
  /** First and last host port of the first agent; further ones get the following ranges of the same size. */
  ports: z.tuple([z.int().min(1024).max(65535), z.int().min(1024).max(65535)]).default([31000, 31099]),
  attributes: z.record(name, z.string().max(255)).default({}),
});

const clusterSchema = z.strictObject({
  name: name.default('local'),
  port: z.int().min(0).max(65535).default(5050),
  /** What runs tasks; `auto` takes Docker when an engine answers, else processes. */
  containerizer: z.enum(['auto', 'docker', 'process', 'simulated']).default('auto'),
  /** Small image for tasks that name none, where Docker runs them. */
  image: z.string().min(1).default('busybox'),
  agents: z.array(agentSchema).min(1),
  /** Job files, relative to this file. */
  jobs: z.array(z.string()).default([]),
  /** Simulated agents only. */
  simulation: z
    .strictObject({
      seed: z.int().default(1),
      startMs: z.tuple([z.number(), z.number()]).default([50, 500]),
      failureRate: z.number().min(0).max(1).default(0),
    })
    .optional(),
});

export type ClusterFixture = z.infer<typeof clusterSchema>;
export type AgentFixture = z.infer<typeof agentSchema>;

/** @throws DawnError `invalid_config` naming the file and the field. */
export function readClusterFixture(text: string, file: string): ClusterFixture {
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    throw new DawnError({ code: 'invalid_config', message: `${file}: ${(error as Error).message}` });
  }
  const result = clusterSchema.safeParse(document);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new DawnError({
    code: 'invalid_config',
    message: `${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a cluster'}`,
  });
}

/** One entry per agent: names and port ranges told apart. */
export function expandAgents(fixture: ClusterFixture): (AgentFixture & { readonly count: 1 })[] {
  return fixture.agents.flatMap((agent) =>
    Array.from({ length: agent.count }, (_, index) => {
      const [first, last] = agent.ports;
      const shift = index * (last - first + 1);
      return {
        ...agent,
        name: agent.count === 1 ? agent.name : `${agent.name}-${index + 1}`,
        count: 1 as const,
        ports: [Math.min(first + shift, 65535), Math.min(last + shift, 65535)] as [number, number],
      };
    }),
  );
}
