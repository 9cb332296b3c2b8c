// The names of files, which are unique.

/** A name that is not among others: `a.yaml`, `a-2.yaml` and so on. */
export function uniqueName(name: string, others: readonly string[]): string {
  const [, stem = name, end = ""] = /^(.+?)((?:\.[^.]*)?)$/.exec(name) ?? [];
  let unique = name;
  for (let number = 2; others.includes(unique); number += 1) unique = `${stem}-${number}${end}`;
  return unique;
}
