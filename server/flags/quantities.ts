/** `cpus:1;mem:32|disk:1` → alternatives, each of resource to thousandths. Nothing → none. @throws Error */
export function parseQuantities(text: string): Map<string, number>[] {
  const alternatives = text.split('|').filter((each) => each.trim() !== '');
  return alternatives.map((alternative) => {
    const amounts = new Map<string, number>();
    for (const part of alternative.split(';').filter((each) => each.trim() !== '')) {
      const [, name, amount] = /^\s*([^\s:;|]+)\s*:\s*(\d+(?:\.\d+)?)\s*$/.exec(part) ?? [];
      if (name === undefined) throw new Error(`${part.trim()}: resource:amount is wanted`);
      amounts.set(name, (amounts.get(name) ?? 0) + Math.round(Number(amount) * 1000));
    }
    return amounts;
  });
}
