/** Names closer than this many edits, and closer than half their length, are probably what was meant. */
const EDITS_MAX = 3;

/** The known name nearest to what was written, if any is near: «did you mean …?». */
export function nearest(written: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestEdits = Math.min(EDITS_MAX, Math.floor(written.length / 2)) + 1;
  for (const name of known) {
    const edits = editDistance(written.toLowerCase(), name.toLowerCase(), bestEdits);
    if (edits < bestEdits) {
      best = name;
      bestEdits = edits;
    }
  }
  return best;
}

/** Damerau's distance (insert, delete, replace, swap of neighbours), or `limit` as soon as it is certain to be no less. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let twoAgo: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, twoAgo[j - 2]! + 1);
      row.push(least);
    }
    if (Math.min(...row) >= limit) return limit;
    twoAgo = previous;
    previous = row;
  }
  return previous[b.length] ?? limit;
}
