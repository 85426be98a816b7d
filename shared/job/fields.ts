/** Field types of job files: what each accepts, and the sentence it is refused with. */
import { z } from 'zod';
import { isIdentifier } from '../ids.ts';

/** A problem's code travels in the message: `E_CODE: sentence`. */
export const coded = (code: string, sentence: string): string => `${code}: ${sentence}`;

const UNITS_MB: Readonly<Record<string, number>> = {
  B: 1 / (1024 * 1024),
  KB: 1 / 1024,
  MB: 1,
  GB: 1024,
  TB: 1024 * 1024,
};

const SIZE_MAX_MB = 1024 * 1024 * 1024;

/** `128MB` → 128 (MiB, floored as Aurora does); undefined when it is no size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim());
  const unit = UNITS_MB[match?.[2]?.toUpperCase().replace(/^([KMGT])I?B?$/, '$1B') ?? ''];
  return match && unit !== undefined ? Math.floor(Number(match[1]) * unit) : undefined;
}

export const size = z
  .string({ error: () => coded('E_SIZE', 'a size with its unit, e.g. 128MB; units are B, KB, MB, GB, TB') })
  .transform((text, context) => {
    const mb = parseSize(text);
    if (mb !== undefined && mb >= 1 && mb <= SIZE_MAX_MB) return mb;
    const unit = /[A-Za-z]+$/.exec(text.trim())?.[0];
    const why =
      mb !== undefined
        ? mb < 1
          ? 'at least 1MB'
          : 'at most 1024TB'
        : unit === undefined
          ? 'a unit is missing, e.g. 128MB'
          : `unknown unit ${unit}; use MB, GB, …`;
    context.addIssue({ code: 'custom', message: coded('E_SIZE', why) });
    return z.NEVER;
  });

export const identifier = z
  .string()
  .refine(
    isIdentifier,
    coded('E_IDENTIFIER', 'ASCII letters, digits, `-`, `_` and `.`, 1 to 255 of them; not `.` or `..`'),
  );

export const environment = z
  .string()
  .regex(
    /^(prod|devel|test|staging\d*)$/,
    coded('E_ENVIRONMENT', 'one of prod, devel, test, staging or staging with a number'),
  );

export const cpu = z
  .number()
  .positive({ error: () => coded('E_CPU', 'more than 0 cores'), abort: true })
  .max(4096, { error: () => coded('E_CPU', 'at most 4096 cores') })
  .refine((cores) => cores >= 0.001, coded('E_CPU', 'at least 0.001 cores, the least that is counted'));

export const seconds = z
  .number()
  .min(0)
  .max(30 * 24 * 3600);

export const count = z.int().min(0);

/** Aurora's process and port names. */
export const portName = z
  .string()
  .regex(/^[A-Za-z][\w.-]{0,62}$/, coded('E_PORT_NAME', 'a name that begins with a letter'));

export const portNumber = z
  .int()
  .min(1, { error: () => coded('E_PORT', 'a port is 1 to 65535') })
  .max(65535, { error: () => coded('E_PORT', 'a port is 1 to 65535') });

const IMAGE =
  /^(?:(?:localhost|[\w-]+(?:\.[\w-]+)+|[\w-]+(?=:\d))(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@sha256:[a-f0-9]{64})?$/;

export const image = z
  .string()
  .max(512, { error: coded('E_IMAGE_REF', 'no image has so long a name'), abort: true })
  .refine(
    (text) => IMAGE.test(text.replace(/\{\{[^{}]*\}\}/g, 'x')),
    coded('E_IMAGE_REF', 'an image reference: [registry/]name[:tag][@sha256:…]'),
  );

export const envName = z
  .string()
  .regex(/^[A-Za-z_]\w*$/, coded('E_ENV_NAME', 'a variable name: letters, digits and _'));
export const envValue = z
  .union([z.string(), z.number(), z.boolean()], {
    error: () => coded('E_ENV_VALUE', 'a text, a number or true/false'),
  })
  .transform(String)
  .refine((text) => !text.includes('\0'), coded('E_ENV_VALUE', 'no NUL in a value'))
  .refine((text) => text.length <= 32 * 1024, coded('E_ENV_VALUE', 'at most 32 KiB'));

export const commandText = z
  .string()
  .min(1)
  .max(64 * 1024)
  .refine((text) => !text.includes('\0'), coded('E_COMMAND', 'no NUL in a command'));

/** A path of the task itself: a URL would make the agent call somebody else. */
export const endpoint = z
  .string()
  .refine((text) => !/^[a-z]+:\/\/|^\/[/\\]/i.test(text), {
    error: coded('E_HEALTH_HOST', 'a path on the task itself, e.g. /health; other hosts are not called'),
    abort: true,
  })
  .refine(
    (text) => !/[^\u0021-\u007e]/.test(text),
    coded('E_HEADER_INJECTION', 'a path is visible ASCII characters; write others as %XX'),
  )
  .refine((text) => text.startsWith('/'), coded('E_ENDPOINT', 'a path that begins with /'));

/** System directories with all below them; and, alone, those that have the Docker socket or Docker's files below them. */
const FORBIDDEN_MOUNTS =
  /^\/(?:(?:proc|sys|dev|etc|boot|root|var\/lib\/docker|(?:var\/)?run\/(?:docker\.sock|containerd))(?:\/|$)|(?:var|var\/lib|(?:var\/)?run)?$)/;

/** `//etc/./shadow/` → `/etc/shadow`; undefined for what no path of a host is. */
function plainPath(text: string): string | undefined {
  if (!text.startsWith('/') || /[\u0000-\u001f\u007f]/.test(text)) return undefined;
  const parts = text.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? undefined : `/${parts.join('/')}`;
}

export const hostPath = z
  .string()
  .refine(
    (text) => !FORBIDDEN_MOUNTS.test(plainPath(text) ?? '/'),
    coded(
      'E_MOUNT_NOT_ALLOWED',
      'an absolute path of the host without `..`; system directories and the Docker socket are never mounted',
    ),
  );

export const containerPath = z
  .string()
  .refine(
    (text) => (plainPath(text) ?? '/') !== '/',
    coded('E_MOUNT_NOT_ALLOWED', 'an absolute path in the container'),
  );
