/** Mustache references of Aurora's job files: `{{mesos.instance}}`, `{{thermos.ports[http]}}`, … filled in when a task is placed. */

/** What a placed task fills in. */
export interface TemplateValues {
  readonly role: string;
  readonly environment: string;
  readonly name: string;
  readonly instance: number;
  readonly hostname: string;
  readonly taskId: string;
  readonly ports: Readonly<Record<string, number>>;
}

const REFERENCE = /\{\{\s*([^{}]*?)\s*\}\}/g;
const PORT = /^thermos\.ports\[([\w.-]{1,63})\]$/;

const VALUES: Readonly<Record<string, (values: TemplateValues) => string>> = {
  'mesos.instance': ({ instance }) => String(instance),
  'mesos.hostname': ({ hostname }) => hostname,
  'mesos.role': ({ role }) => role,
  'thermos.task_id': ({ taskId }) => taskId,
  'thermos.user': ({ role }) => role,
  role: ({ role }) => role,
  environment: ({ environment }) => environment,
  name: ({ name }) => name,
};

/** Every reference that is filled in at placement, but for ports. */
export const REFERENCES: readonly string[] = Object.keys(VALUES);

/** The references in a text, as written inside the braces. */
export function referencesIn(text: string): string[] {
  return [...text.matchAll(REFERENCE)].map((match) => match[1] ?? '');
}

/** The port name of `thermos.ports[NAME]`, or undefined. */
export function portReference(reference: string): string | undefined {
  return PORT.exec(reference)?.[1];
}

/** Fills every known reference; an unknown one stays as it is (the loader refused it before). */
export function fillTemplate(text: string, values: TemplateValues): string {
  return text.replace(REFERENCE, (whole, reference: string) => {
    const port = portReference(reference);
    if (port !== undefined) return String(values.ports[port] ?? whole);
    return VALUES[reference]?.(values) ?? whole;
  });
}

export type Binding =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly cycle: readonly string[] };

/** Replaces references that the person bound (`--bind name=value`), also inside bound values; a value that leads back to itself is a cycle. */
export function bind(
  text: string,
  bindings: Readonly<Record<string, string>>,
  path: readonly string[] = [],
): Binding {
  let cycle: readonly string[] | undefined;
  const bound = text.replace(REFERENCE, (whole, reference: string) => {
    if (!Object.hasOwn(bindings, reference)) return whole;
    if (path.includes(reference)) {
      cycle ??= [...path, reference];
      return whole;
    }
    const inner = bind(bindings[reference] ?? '', bindings, [...path, reference]);
    if (inner.ok) return inner.text;
    cycle ??= inner.cycle;
    return whole;
  });
  return cycle ? { ok: false, cycle } : { ok: true, text: bound };
}
