/**
 * Chance as an argument: named streams from one seed, so that drawing more from one stream (ports) does not change what another
 * gives (ids). The generator is sfc32, seeded by a hash of seed and name.
 */
export interface Stream {
  /** Integer in [0, max). */
  below(max: number): number;
  /** In [0, 1). */
  fraction(): number;
  /** Into any order, in place; each as likely. */
  shuffle(list: unknown[]): void;
  /** 128 bits, formatted as a UUID (version 4 bits set). */
  uuid(): string;
}

export interface Random {
  stream(name: string): Stream;
}

export function seededRandom(seed: number | string): Random {
  const streams = new Map<string, Stream>();
  return {
    stream(name) {
      let stream = streams.get(name);
      if (!stream) streams.set(name, (stream = sfc32(`${seed}/${name}`)));
      return stream;
    },
  };
}

function sfc32(text: string): Stream {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1];
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x85ebca6b);
    b = Math.imul(b ^ (a >>> 13), 0xc2b2ae35);
    c = (c + a) ^ b;
  }
  const next = (): number => {
    const t = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  const hex = (): string => next().toString(16).padStart(8, '0');
  const below = (max: number): number => Math.floor((next() / 4294967296) * max);
  return {
    below,
    shuffle(list) {
      for (let last = list.length - 1; last > 0; last--) {
        const at = below(last + 1);
        [list[last], list[at]] = [list[at], list[last]];
      }
    },
    fraction: () => next() / 4294967296,
    uuid() {
      const digits = hex() + hex() + hex() + hex();
      const variant = '89ab'[next() & 3] ?? '8';
      return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
    },
  };
}
