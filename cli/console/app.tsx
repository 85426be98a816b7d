import { Box, Text, Transform } from 'ink';
import { useSyncExternalStore, type ReactNode } from 'react';

/** The lines of the moment, and who wants to know when they change. */
export interface Frames {
  subscribe(listener: () => void): () => void;
  get(): Frame;
}

export interface Frame {
  readonly columns: number;
  readonly rows: number;
  readonly lines: readonly string[];
}

/**
 * Ink's part: the frame and its size. The lines themselves are painted through a placeholder that never changes, because Ink keeps every distinct string that it
 * measures for ever.
 */
export function App({ frames }: { readonly frames: Frames }): ReactNode {
  const { columns, rows, lines } = useSyncExternalStore(frames.subscribe, frames.get);
  return (
    <Box width={columns} height={rows} flexDirection="column">
      <Transform key={lines.length} transform={(_blank, index) => lines[index] ?? ''}>
        <Text>{blank(columns, rows)}</Text>
      </Transform>
    </Box>
  );
}

const blanks = new Map<string, string>();

function blank(columns: number, rows: number): string {
  const key = `${columns}x${rows}`;
  let text = blanks.get(key);
  if (text === undefined)
    blanks.set(key, (text = Array.from({ length: rows }, () => ' '.repeat(columns)).join('\n')));
  return text;
}
